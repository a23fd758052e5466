import { mock } from 'node:test'
import test from 'ava'
import { fakePorts } from '../../test/support/fake-ports.ts'
import { aDelivery, aSubscription } from '../../test/support/supervised-values.ts'
import type { Delivery } from '../domain/delivery.ts'
import { partitionOf } from '../domain/partition.ts'
import type { Replay } from '../domain/replay.ts'
import type { HistoryQuery, StoredMessage } from '../streams/history.ts'
import { type CandidateParts, countReplay, nextCandidates } from './replay-candidates.ts'

const now = 1_800_000_000_000
test.serial.before(() => mock.timers.enable({ apis: ['Date'], now }))
test.serial.after.always(() => mock.timers.reset())

const replay: Replay = {
  id: 'rpl_1',
  tenant: 'acme',
  subscriptionId: 'sub_1',
  from: 1_000,
  to: 2_000,
  selection: 'all',
  perSecond: 10,
  state: 'running',
  total: 3,
  opened: 0,
  skipped: 0,
  cursor: null,
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  createdAt: now,
  finishedAt: null,
}
const missing: Replay = { ...replay, selection: 'missing' }
const subscription = aSubscription({ payload: 'thin' })

const partsOf = (answers: Readonly<Record<string, unknown>>, known = true) => {
  const fake = fakePorts<CandidateParts>({
    'ledger.subscriptions.get': async (tenant: string, id: string) =>
      known && tenant === 'acme' && id === 'sub_1' ? subscription : null,
    ...answers,
  })
  const { streams, ledger, eventOf, bodyOf } = fake.ports
  const of = (name: string) => fake.calls.filter(([path]) => path === name).map(([, ...args]) => args)
  return { ...fake, of, parts: { streams, ledger, eventOf, bodyOf, partitions: 16 } }
}

test.serial(
  'a replay of deliveries opens their rows again with the body in today’s form; a row whose content is gone is skipped',
  async t => {
    const rows = [aDelivery(1, { createdAt: 1_100 }), aDelivery(2, { createdAt: 1_200 })]
    const { parts, of } = partsOf({
      'ledger.replays.next': async () => rows,
      'ledger.replays.open': async () => true,
      bodyOf: async ({ id }: Delivery) => (id === '1.sub_1' ? 'body' : null),
    })
    const candidates = await nextCandidates(parts)(replay, 7)
    t.deepEqual(of('ledger.replays.next'), [[replay, 7]])
    t.deepEqual(of('bodyOf'), [
      [rows[0], 'thin'],
      [rows[1], 'thin'],
    ])
    t.deepEqual(
      candidates.map(({ cursor, open }) => [cursor, open === null]),
      [
        [{ createdAt: 1_100, id: '1.sub_1' }, false],
        [{ createdAt: 1_200, id: '2.sub_1' }, true],
      ],
    )
    t.true(await candidates[0]?.open?.(99))
    t.deepEqual(of('ledger.replays.open'), [[rows[0], 'rpl_1', 'body', 99, now]])
  },
)

test.serial('a replay for a subscription that was deleted has nothing to open', async t => {
  const { parts } = partsOf(
    { 'ledger.replays.next': async () => [aDelivery(1)], 'streams.history': async () => [{}] },
    false,
  )
  t.deepEqual(await nextCandidates(parts)(replay, 7), [])
  t.deepEqual(await nextCandidates(parts)(missing, 7), [])
})

const message = (sequence: number, at: number, type = 'visit.checked_in'): StoredMessage => ({
  sequence,
  at,
  type,
  text: `evt-${sequence}`,
})
const eventOf = (tenant: string, type: string, text: string) => {
  if (text === 'evt-3') throw new Error('not an event')
  return { id: text, type, timestamp: 'then', tenant, visitId: `visit of ${text}`, data: { visitor: 'x' } }
}
/** Message 2 has a row, 3 is no event, 4 is of another type, 6 is after the range. */
const messages = [
  message(1, 1_000),
  message(2, 1_100),
  message(3, 1_200),
  message(4, 1_300, 'door.opened'),
  message(5, 1_999),
  message(6, 2_000),
]
const stream = {
  'streams.history': async ({ after, limit }: HistoryQuery) =>
    messages.filter(({ sequence }) => sequence > (after ?? 0)).slice(0, limit),
  'streams.workedOnTo': async (partition: number) => (partition === partitionOf('acme', 16) ? 5 : 0),
  'ledger.deliveries.existing': async (ids: readonly string[]) => new Set(ids.filter(id => id === 'evt-2.sub_1')),
  eventOf,
}

test.serial(
  'a replay of missing events opens a row for each that matches and has none, as old as its event',
  async t => {
    const { parts, of, inOrder } = partsOf({ ...stream, 'streams.read': async () => 'text' })
    const candidates = await inOrder(() =>
      nextCandidates(parts)({ ...missing, cursor: { createdAt: 1, id: 'x' } }, 100),
    )
    t.deepEqual(of('streams.history'), [[{ tenant: 'acme', from: 1_000, after: null, limit: 100 }]])
    t.deepEqual(of('eventOf')[0], ['acme', 'visit.checked_in', 'evt-1', now])
    t.deepEqual(of('ledger.deliveries.existing'), [[['evt-1.sub_1', 'evt-2.sub_1', 'evt-5.sub_1']]])
    t.deepEqual(
      candidates.map(({ cursor }) => cursor),
      [1, 2, 3, 4, 5].map(sequence => ({ sequence })),
      'the cursor passes each message',
    )
    const opened = await inOrder(async () => {
      const results: unknown[] = []
      for (const { open } of candidates) results.push(await open?.(77))
      return results
    })
    t.deepEqual(opened, [true, false, false, false, true])
    t.deepEqual(of('streams.read'), [[1], [5]])
    t.deepEqual(of('ledger.deliveries.insert')[1], [
      {
        id: 'evt-5.sub_1',
        tenant: 'acme',
        partition: partitionOf('acme', 16),
        subscriptionId: 'sub_1',
        eventId: 'evt-5',
        visitId: 'visit of evt-5',
        type: 'visit.checked_in',
        streamSequence: 5,
        status: 'held',
        reason: 'replay',
        kind: 'replay',
        replayId: 'rpl_1',
        nextAttemptAt: 77,
        attempts: [],
        revision: 1,
        body: '{"id":"evt-5","type":"visit.checked_in","timestamp":"then","visitId":"visit of evt-5","sequence":5}',
        traceparent: replay.traceparent,
        createdAt: 1_999,
        updatedAt: now,
      },
    ])
    t.deepEqual(of('ledger.deliveries.remove'), [])
  },
)

test.serial(
  'a row whose event was erased while it was opened is removed again, and does not count as opened',
  async t => {
    const { parts, of, inOrder } = partsOf({ ...stream, 'streams.read': async () => null })
    const [first] = await nextCandidates(parts)(missing, 1)
    t.false(await inOrder(async () => first?.open?.(77)))
    t.deepEqual(of('ledger.deliveries.remove'), [['evt-1.sub_1']])
  },
)

test.serial(
  'a replay of missing events leaves out what may be under way, unless the subscription is younger',
  async t => {
    const openedOf = async (createdSequence?: number) => {
      const young = { ...subscription, ...(createdSequence !== undefined && { createdSequence }) }
      const { parts, of, inOrder } = partsOf({
        ...stream,
        'streams.workedOnTo': async () => 1,
        'ledger.subscriptions.get': async () => young,
      })
      await inOrder(() => countReplay(parts, missing))
      return of('ledger.deliveries.existing').flat(2)
    }
    t.deepEqual(await openedOf(), ['evt-1.sub_1'])
    t.deepEqual(await openedOf(0), ['evt-1.sub_1'])
    t.deepEqual(await openedOf(4), ['evt-1.sub_1', 'evt-2.sub_1'])
    t.deepEqual(await openedOf(5), ['evt-1.sub_1', 'evt-2.sub_1', 'evt-5.sub_1'])
  },
)

test.serial('the next page of a replay of missing events begins after its cursor', async t => {
  const { parts, of } = partsOf(stream)
  const page = await nextCandidates(parts)({ ...missing, cursor: { sequence: 4 } }, 100)
  t.like(of('streams.history')[0]?.[0], { after: 4 })
  t.deepEqual(
    page.map(({ cursor }) => cursor),
    [{ sequence: 5 }],
  )
})

test.serial('the count of a replay is the number of rows that it would open, over all pages', async t => {
  const few = {
    ...stream,
    'streams.history': (query: HistoryQuery) => stream['streams.history']({ ...query, limit: 2 }),
  }
  const { parts, of } = partsOf({ ...few, 'ledger.replays.count': async () => 42 })
  t.is(await countReplay(parts, missing), 2)
  t.deepEqual(
    of('streams.history')
      .map(([query]) => query as HistoryQuery)
      .map(({ after, limit }) => [after, limit]),
    [
      [null, 500],
      [2, 500],
      [4, 500],
      [5, 500],
    ],
  )
  t.is(await countReplay(parts, replay), 42)
  t.deepEqual(of('ledger.replays.count'), [[replay]])
})
