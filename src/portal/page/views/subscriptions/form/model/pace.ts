import { exactDuration } from '../../../../format/duration.ts'
import type { PaceDraft } from './draft.ts'
import type { SettingModels } from './setting.ts'

export const emptyPace: PaceDraft = { timeout: '10 s', ratePerSecond: '', maxInFlight: '64', ordering: 'none' }

export const paceModel: SettingModels<'timeoutMs' | 'ratePerSecond' | 'maxInFlight' | 'ordering'> = {
  timeoutMs: {
    name: 'timeout',
    toDraft: (ms = 10_000) => ({ timeout: exactDuration(ms) }),
    fromDraft: ({ timeout }, faults) => faults.durationMs('/timeoutMs', timeout),
  },
  ratePerSecond: {
    name: 'rate limit',
    toDraft: rate => ({ ratePerSecond: rate === undefined ? '' : String(rate) }),
    fromDraft: ({ ratePerSecond }, faults) =>
      ratePerSecond.trim() === '' ? undefined : faults.number('/ratePerSecond', ratePerSecond),
  },
  maxInFlight: {
    name: 'parallel attempts',
    toDraft: (count = 64) => ({ maxInFlight: String(count) }),
    fromDraft: ({ maxInFlight }, faults) => faults.number('/maxInFlight', maxInFlight),
  },
  ordering: {
    name: 'order',
    toDraft: (ordering = 'none') => ({ ordering }),
    fromDraft: ({ ordering }) => ordering,
  },
}
