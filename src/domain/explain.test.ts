import test from 'ava'
import { aDelivery } from '../../test/support/supervised-values.ts'
import { explainDelivery } from './explain.ts'

test('a delivery names its next attempt only while that lies ahead', t => {
  const row = aDelivery(1, { nextAttemptAt: 60_000 })
  t.is(explainDelivery(row, 59_999), 'The delivery is under way. The next attempt is at 1970-01-01T00:01:00.000Z.')
  t.is(explainDelivery(row, 60_000), 'The delivery is under way.')
})
