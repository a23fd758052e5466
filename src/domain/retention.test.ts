import test from 'ava'
import { page } from '../../test/support/documented-table.ts'
import { retentionBounds, retentionInForce } from './retention.ts'

const defaults = { payloadDays: 7, logDays: 30 }

test('a tenant’s own retention precedes the operator’s, and the log is kept at least as long as the content', t => {
  for (const [own, payloadDays, logDays] of [
    [{}, 7, 30],
    [{ payloadDays: 3 }, 3, 30],
    [{ logDays: 14 }, 7, 14],
    [{ payloadDays: 3, logDays: 14 }, 3, 14],
    [{ payloadDays: undefined, logDays: undefined }, 7, 30],
    [{ payloadDays: 14, logDays: 10 }, 14, 14],
    [{ logDays: 3 }, 7, 7],
  ] as const)
    t.deepEqual(retentionInForce(own, defaults), { payloadDays, logDays })
})

test('a tenant may set what privacy.md says', t => {
  const { payloadDays, logDays } = retentionBounds
  const range = ({ minimum, maximum }: { minimum: number; maximum: number }) => `${minimum}–${maximum}`
  t.true(page('docs/privacy.md').includes(`\n${range(payloadDays)} and ${range(logDays)} days:`))
})
