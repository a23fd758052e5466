import test from 'ava'
import fc from 'fast-check'
import { aDelivery } from '../../test/support/supervised-values.ts'
import {
  type Attempt,
  type Delivery,
  deliveryId,
  type DeliveryStatus,
  isFinal,
  keptAttempts,
  mergeRows,
  nextNumber,
  withAttempt,
  withoutContent,
} from './delivery.ts'

const attempt = (number: number, spanId = `span-${number}`): Attempt => ({
  number,
  at: number,
  tookMs: 1,
  status: 500,
  response: 'what the visitor is called',
  url: 'https://receiver.example/',
  traceId: 'trace',
  spanId,
})
const attempts = (count: number) => Array.from({ length: count }, (_, index) => attempt(index + 1))

test('exactly a delivered, a dead and a cancelled delivery is final', t => {
  const final: Readonly<Record<DeliveryStatus, boolean>> = {
    delivered: true,
    dead: true,
    cancelled: true,
    pending: false,
    held: false,
  }
  for (const [status, expected] of Object.entries(final)) t.is(isFinal(status as DeliveryStatus), expected, status)
})

test('a delivery is named by its event and its subscription', t => {
  t.is(deliveryId('evt_1', 'sub_1'), 'evt_1.sub_1')
})

test('a delivery keeps its last 100 attempts, and they are numbered on', t => {
  let row = aDelivery(1)
  t.is(nextNumber(row), 1)
  for (let count = 0; count < keptAttempts + 5; count += 1) row = withAttempt(row, attempt(nextNumber(row)))
  t.deepEqual([row.attempts.length, row.attempts[0]?.number, row.attempts.at(-1)?.number], [100, 6, 105])
  t.is(nextNumber(row), 106)
  t.deepEqual({ ...row, attempts: [] }, aDelivery(1))
})

test('a log entry without content has no body and no answer, and everything else', t => {
  const { response: _, ...bare } = attempt(1)
  const row = aDelivery(1, { body: '{"data":1}', attempts: [attempt(1)], reason: 'exhausted' })
  const { body: __, ...rest } = row
  t.deepEqual(withoutContent(row, 'erased'), { ...rest, contentGone: 'erased', attempts: [bare] })
})

const statuses: readonly DeliveryStatus[] = ['delivered', 'pending', 'held', 'dead', 'cancelled']
const rows = fc.record({
  status: fc.constantFrom(...statuses),
  attempts: fc.nat({ max: 4 }),
  own: fc.nat({ max: 2 }),
  revision: fc.nat({ max: 9 }),
})

test('two writers of one delivery lose no attempt, and neither undoes that it was delivered nor that a user cancelled it', t => {
  fc.assert(
    fc.property(rows, rows, (first, second) => {
      const common = attempts(Math.min(first.attempts, second.attempts))
      const made = ({ status, own, revision }: typeof first, name: string): Delivery =>
        aDelivery(1, {
          status,
          revision,
          replayId: name,
          attempts: [...common, ...Array.from({ length: own }, (_, index) => attempt(index, `${name}-${index}`))],
        })
      const [theirs, ours] = [made(first, 'theirs'), made(second, 'ours')]
      const merged = mergeRows(theirs, ours)
      t.deepEqual(merged.attempts, [...theirs.attempts, ...ours.attempts.slice(common.length)])
      t.is(merged.revision, theirs.revision + 1)
      const from = ours.status === 'delivered' ? ours : theirs
      t.deepEqual({ ...merged, attempts: [], revision: 0 }, { ...from, attempts: [], revision: 0 })
    }),
  )
})

test('content that was removed does not come back with a late write', t => {
  const theirs = withoutContent(aDelivery(1, { attempts: [attempt(1)] }), 'retention')
  for (const status of ['delivered', 'pending'] as const) {
    const merged = mergeRows(theirs, aDelivery(1, { status, body: '{}', attempts: [attempt(1), attempt(2)] }))
    t.is(merged.contentGone, 'retention')
    t.false('body' in merged)
    t.false(JSON.stringify(merged).includes('visitor is called'))
    t.is(merged.attempts.length, 2)
  }
})
