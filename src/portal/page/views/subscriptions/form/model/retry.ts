import { exactDuration } from '../../../../format/duration.ts'
import type { RetryDraft } from './draft.ts'
import type { Faults, Settings, SettingModels } from './setting.ts'

export const emptyRetry: RetryDraft = {
  retryKind: 'recommended',
  maxAttempts: '8',
  firstDelay: '10 s',
  factor: '3',
  maxDelay: '6 h',
  giveUpAfter: '2 d',
  delays: '10 s, 1 min, 10 min, 1 h, 6 h',
  expiresAfter: '',
}

type Retry = NonNullable<Settings['retry']>

export const retryModel: SettingModels<'retry' | 'expiresAfterMs'> = {
  retry: {
    name: 'retries',
    toDraft: retry => {
      if (retry === undefined || isRecommended(retry)) return { retryKind: 'recommended' }
      if ('delaysMs' in retry) return { retryKind: 'list', delays: retry.delaysMs.map(exactDuration).join(', ') }
      return {
        retryKind: 'growth',
        maxAttempts: String(retry.maxAttempts),
        firstDelay: exactDuration(retry.firstDelayMs),
        factor: String(retry.factor),
        maxDelay: exactDuration(retry.maxDelayMs),
        giveUpAfter: exactDuration(retry.giveUpAfterMs),
      }
    },
    fromDraft: (draft, faults) => readRetry(draft, faults),
  },
  expiresAfterMs: {
    name: 'expiry',
    toDraft: ms => ({ expiresAfter: ms === undefined ? '' : exactDuration(ms) }),
    fromDraft: ({ expiresAfter }, faults) =>
      expiresAfter.trim() === '' ? undefined : faults.durationMs('/expiresAfterMs', expiresAfter),
  },
}

const readRetry = (draft: RetryDraft, faults: Faults): Retry => {
  if (draft.retryKind === 'recommended') return { delaysMs: [...recommendedDelaysMs] }
  if (draft.retryKind === 'list')
    return { delaysMs: listedDelays(draft.delays).map(text => faults.durationMs('/retry/delaysMs', text)) }
  return {
    maxAttempts: faults.number('/retry/maxAttempts', draft.maxAttempts),
    firstDelayMs: faults.durationMs('/retry/firstDelayMs', draft.firstDelay),
    factor: faults.number('/retry/factor', draft.factor),
    maxDelayMs: faults.durationMs('/retry/maxDelayMs', draft.maxDelay),
    giveUpAfterMs: faults.durationMs('/retry/giveUpAfterMs', draft.giveUpAfter),
  }
}

/** The delays of a typed list, each as text. */
export const listedDelays = (text: string): readonly string[] =>
  text.split(/[,;\n]/).filter(delay => delay.trim() !== '')

/** The policy of a subscription that sets none. It repeats the domain’s default, which the browser cannot load; a test compares the two. */
export const recommendedDelaysMs: readonly number[] = [
  5_000, 30_000, 120_000, 600_000, 1_800_000, 7_200_000, 18_000_000, 36_000_000, 50_400_000, 72_000_000, 72_000_000,
]

/** The recommended policy in words. */
export const recommendedText = '12 attempts over about three days'

export const isRecommended = (retry: Retry): boolean =>
  'delaysMs' in retry && JSON.stringify(retry.delaysMs) === JSON.stringify(recommendedDelaysMs)
