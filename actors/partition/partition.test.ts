import test from 'ava'
import fc from 'fast-check'
import { Failure } from '../../src/domain/failure.ts'
import type { Subscription } from '../../src/domain/subscription.ts'
import { anEvent } from '../../test/support/fake-messages.ts'
import { startPartition } from '../../test/support/fake-partition.ts'
import { aSubscription } from '../../test/support/supervised-values.ts'
import { virtualTime } from '../../test/support/virtual-time.ts'

/** The endings of a message in a log. */
const endingsOf = (sequence: number, log: readonly string[]) =>
  log.filter(line => new RegExp(`^(ack|hand back|discard) ${sequence}\\b`).test(line))

test('an event is acknowledged once every one of its deliveries is durable, and not before', async t => {
  const subscriptions = ['a', 'b'].map(id => aSubscription({ id }))
  const partition = startPartition(t, { subscriptions })
  await partition.arrive(1)
  t.deepEqual(partition.news(), ['identify e1', 'look up e1.a,e1.b', 'offer e1.a', 'offer e1.b'])
  await partition.settle('e1.b', 'recorded')
  t.deepEqual(partition.news(), [])
  await partition.settle('e1.a', 'recorded')
  t.deepEqual(partition.news(), ['ack 1', 'end 1 acknowledged'])
})

const results = ['exists', 'recorded', 'handed_back', 'defect', 'open'] as const
type Result = (typeof results)[number]

/** What ends an event whose deliveries have come this far; undefined while it is under way. */
const endingAfter = (event: number, redeliveries: number, reached: readonly Result[]): string | undefined => {
  if (reached.includes('open')) return undefined
  if (reached.includes('handed_back')) return `hand back ${event} for 1000 ms`
  if (!reached.includes('defect')) return `ack ${event}`
  return redeliveries >= 5 ? `discard ${event}: internal: Error` : `hand back ${event} for 1000 ms`
}

test('whatever becomes of its deliveries, in whatever order, each event ends once: acknowledged, handed back or set aside', async t => {
  const event = fc.record({
    deliveries: fc.array(fc.constantFrom(...results), { maxLength: 3 }),
    redeliveries: fc.nat(6),
  })
  const anyEvents = fc.array(event, { minLength: 1, maxLength: 5 })
  await fc.assert(
    fc.asyncProperty(anyEvents, fc.infiniteStream(fc.nat()), async (events, draws) => {
      const rows = events.flatMap(({ deliveries }, n) =>
        deliveries.map((result, m) => ({ id: `e${n}.s${n}${m}`, event: n, subscription: `s${n}${m}`, result })),
      )
      const existing = new Set(rows.filter(({ result }) => result === 'exists').map(({ id }) => id))
      const partition = startPartition(t, {
        subscriptions: rows.map(row => aSubscription({ id: row.subscription, tenant: `tenant-${row.event}` })),
        existing: async () => existing,
      })
      const reached = new Map<string, Result>(rows.map(({ id }) => [id, existing.has(id) ? 'exists' : 'open']))
      const check = () =>
        events.forEach(({ redeliveries }, n) => {
          const own = rows.filter(row => row.event === n).map(({ id }) => reached.get(id) ?? 'open')
          const ending = endingAfter(n, redeliveries, own)
          t.deepEqual(endingsOf(n, partition.log), ending === undefined ? [] : [ending])
        })
      await partition.arrive(
        ...events.map(({ redeliveries }, n) => [n, { redeliveries, tenant: `tenant-${n}` }] as const),
      )
      const open = rows.filter(({ id }) => !existing.has(id))
      t.deepEqual(
        [...partition.offers.keys()],
        open.map(({ id }) => id),
      )
      check()
      while (open.length > 0) {
        const [row] = open.splice((draws.next().value ?? 0) % open.length, 1)
        if (row === undefined || row.result === 'open' || row.result === 'exists') continue
        reached.set(row.id, row.result)
        await partition.settle(row.id, row.result === 'defect' ? new Error('on purpose') : row.result)
        check()
      }
    }),
    { numRuns: 150 },
  )
})

test('an event that is delivered already is not offered again', async t => {
  const partition = startPartition(t, { existing: async ids => new Set(ids) })
  await partition.arrive(1)
  t.deepEqual(partition.news(), ['identify e1', 'ack 1', 'end 1 acknowledged'])
})

test('an event that no subscription wants is listed as unmatched, and then acknowledged, without a look-up', async t => {
  const partition = startPartition(t, { subscriptions: [aSubscription({ tenant: 'globex' })] })
  await partition.arrive(1)
  t.deepEqual(partition.news(), ['identify e1', 'unmatched e1', 'ack 1', 'end 1 acknowledged'])
})

test('an event whose deliveries were handed back returns to the stream for a second', async t => {
  const partition = startPartition(t)
  await partition.arrive(1)
  partition.news()
  await partition.settle('e1.sub_1', 'handed_back')
  t.deepEqual(partition.news(), ['hand back 1 for 1000 ms', 'end 1 handed_back'])
})

test('an event that meets a defect comes back five times, and is then set aside with the error', async t => {
  const partition = startPartition(t)
  await partition.arrive([1, { redeliveries: 4 }], [2, { redeliveries: 5 }])
  partition.news()
  await partition.settle('e1.sub_1', new Error('odd'))
  t.deepEqual(partition.news(), ['defect 1: Error: odd (trace-1)', 'hand back 1 for 1000 ms', 'end 1 handed_back'])
  await partition.settle('e2.sub_1', new Error('odd'))
  t.deepEqual(partition.news(), [
    'defect 2: Error: odd (trace-2)',
    'aside 2: internal: Error (trace-2)',
    'discard 2: internal: Error',
    'end 2 kept_aside',
  ])
})

const refused = new Failure('internal', 'The ledger refuses this document (121).')
const reason = 'internal: The ledger refuses this document (121).'
const setAside = (n: number) => [
  `defect ${n}: Failure: ${refused.message} (trace-${n})`,
  `aside ${n}: ${reason} (trace-${n})`,
  `discard ${n}: ${reason}`,
  `end ${n} kept_aside`,
]

test('an event whose row the ledger refuses is set aside at once, since it would be sent again each time it comes back', async t => {
  const partition = startPartition(t)
  await partition.arrive(1)
  partition.news()
  await partition.settle('e1.sub_1', refused)
  t.deepEqual(partition.news(), setAside(1))
})

test('an event is set aside only when its other deliveries have their rows, since it does not come again for them', async t => {
  const subscriptions = [aSubscription(), aSubscription({ id: 'sub_2' })]
  const partition = startPartition(t, { subscriptions })
  await partition.arrive(1, 2)
  partition.news()
  await partition.settle('e1.sub_1', refused)
  await partition.settle('e2.sub_1', refused)
  t.deepEqual(partition.news(), [])
  await partition.settle('e1.sub_2', 'recorded')
  t.deepEqual(partition.news(), setAside(1))
  await partition.settle('e2.sub_2', 'handed_back')
  t.deepEqual(partition.news(), ['hand back 2 for 1000 ms', 'end 2 handed_back'])
})

test('an unmatched event that the ledger refuses is set aside alone, and one that meets a defect comes back', async t => {
  const faults = new Map<string, Error>([
    ['e1', refused],
    ['e2', new Error('odd')],
  ])
  const partition = startPartition(t, {
    subscriptions: [],
    keepUnmatched: async ({ event: { id } }) => {
      const fault = faults.get(id)
      if (fault !== undefined) throw fault
    },
  })
  await partition.arrive(1, 2, 3)
  const news = partition.news()
  t.deepEqual(endingsOf(1, news), [`discard 1: ${reason}`])
  t.deepEqual(endingsOf(2, news), ['hand back 2 for 1000 ms'])
  t.deepEqual(endingsOf(3, news), ['ack 3'])
})

test('a message that cannot even be set aside comes back after a minute, and the others go on', async t => {
  const partition = startPartition(t, {
    read: ({ sequence, tenant }) => {
      if (sequence === 1) throw new Failure('invalid_request', 'no event')
      return anEvent(`e${sequence}`, { tenant })
    },
    keepAside: () => Promise.reject(new Error('odd')),
  })
  await partition.arrive(1, 2)
  const news = partition.news()
  t.deepEqual(endingsOf(1, news), ['hand back 1 for 60000 ms'])
  t.true(news.includes('defect 1: Error: odd (trace-1)'))
  await partition.settle('e2.sub_1', 'recorded')
  t.deepEqual(endingsOf(2, partition.news()), ['ack 2'])
})

test('a message that is not a valid event is set aside with its reasons, and the others go on', async t => {
  const faults = [
    { pointer: '/visitId', detail: 'is missing' },
    { pointer: '/type', detail: 'is unknown' },
  ]
  const partition = startPartition(t, {
    read: ({ sequence }) => {
      throw sequence === 1 ? new Failure('invalid_request', 'Not an event.', { faults }) : new Error('secret')
    },
  })
  await partition.arrive(1, 2)
  const invalid = 'invalid_request: Not an event.; /visitId is missing; /type is unknown'
  const unread = 'internal: the message could not be read'
  t.deepEqual(partition.news(), [
    `aside 1: ${invalid} (trace-1)`,
    'defect 2: Error: secret (trace-2)',
    `aside 2: ${unread} (trace-2)`,
    `discard 1: ${invalid}`,
    'end 1 kept_aside',
    `discard 2: ${unread}`,
    'end 2 kept_aside',
  ])
})

test.serial(
  'while the database is away nothing is offered, acknowledged or discarded; then each message ends once',
  async t => {
    const time = virtualTime(t)
    let away = true
    const whenBack = async <T>(answer: T): Promise<T> => (away ? Promise.reject('away') : answer)
    const partition = startPartition(t, {
      subscriptions: [aSubscription({ tenant: 'globex' })],
      read: ({ sequence, tenant }) => {
        if (sequence === 3) throw new Failure('not_utf8', 'Not text.')
        return { id: `e${sequence}`, type: 'visit.checked_in', timestamp: '', tenant, visitId: 'v', data: {} }
      },
      existing: () => whenBack(new Set()),
      keepUnmatched: () => whenBack(undefined),
      keepAside: () => whenBack(undefined),
    })
    await partition.arrive([1, { tenant: 'globex' }], 2, 3)
    await time.pass(250)
    t.deepEqual(
      partition.news().filter(line => !/^(identify|away)/.test(line)),
      [],
    )
    away = false
    await time.pass(1_000)
    await partition.settle('e1.sub_1', 'recorded')
    const news = partition.news()
    t.is(news.filter(line => line === 'offer e1.sub_1').length, 1)
    t.deepEqual(
      [1, 2, 3].map(n => endingsOf(n, news)),
      [['ack 1'], ['ack 2'], ['discard 3: not_utf8: Not text.']],
    )
  },
)

test('nothing is decided on a directory that is stale: events wait unacknowledged, and are matched by what is known then', async t => {
  const fresh = Promise.withResolvers<void>()
  const subscriptions: Subscription[] = []
  let isFresh = false
  const partition = startPartition(t, { subscriptions, isFresh: () => isFresh, untilFresh: () => fresh.promise })
  await partition.arrive(1, 2)
  t.deepEqual(partition.news(), ['identify e1', 'identify e2'])
  isFresh = true
  subscriptions.push(aSubscription())
  fresh.resolve()
  await partition.arrive()
  t.deepEqual(partition.news(), ['look up e1.sub_1', 'offer e1.sub_1', 'look up e2.sub_1', 'offer e2.sub_1'])
})

test('events that arrive during a look-up share the next one, at most 128 of them', async t => {
  const lookUps: number[] = []
  let answer = () => {}
  const partition = startPartition(t, {
    existing: ids => {
      lookUps.push(ids.length)
      return new Promise(resolve => (answer = () => resolve(new Set())))
    },
  })
  await partition.arrive(...Array.from({ length: 200 }, (_, n) => n))
  for (let n = 0; n < 3; n += 1) {
    answer()
    await partition.arrive()
  }
  t.deepEqual(lookUps, [1, 128, 71])
  t.is(partition.offers.size, 200)
})

test('after a takeover, the partition has caught up once the last event of the previous owner was offered, also if it needs no delivery', async t => {
  const last = [7, { caughtUp: true }] as const
  for (const [what, options, order] of [
    ['new', {}, ['offer e7.sub_1', 'caught up']],
    ['delivered already', { existing: async (ids: readonly string[]) => new Set(ids) }, ['caught up', 'ack 7']],
    ['unmatched', { subscriptions: [] }, ['caught up', 'ack 7']],
    [
      'invalid',
      {
        read: () => {
          throw new Failure('not_utf8', 'Not text.')
        },
      },
      ['discard 7: not_utf8: Not text.', 'caught up'],
    ],
  ] as const) {
    const partition = startPartition(t, options)
    await partition.arrive(last)
    t.deepEqual(
      partition.news().filter(line => order.some(each => each === line)),
      [...order],
      what,
    )
    const before = startPartition(t, options)
    await before.arrive(6)
    t.false(before.log.includes('caught up'), what)
  }
})

test.serial(
  'every 15 s the stream is asked to wait for each message that is not finished, and for no other',
  async t => {
    const time = virtualTime(t)
    const partition = startPartition(t)
    const working = () => partition.news().filter(line => line.startsWith('working'))
    await partition.arrive(1, 2, 3, 4)
    await partition.settle('e3.sub_1', 'recorded')
    await time.pass(14_999)
    t.deepEqual(working(), [])
    await time.pass(1)
    t.deepEqual(working(), ['working 1', 'working 2', 'working 4'])
    await partition.settle('e1.sub_1', 'recorded')
    await partition.settle('e2.sub_1', 'handed_back')
    await time.pass(15_000)
    t.deepEqual(working(), ['working 4'])
    partition.unsubscribe()
    await time.pass(15_000)
    t.deepEqual(working(), [])
  },
)

test.serial('a message that was set aside is not extended any more', async t => {
  const time = virtualTime(t)
  const partition = startPartition(t, {
    read: () => {
      throw new Failure('not_utf8', 'Not text.')
    },
  })
  await partition.arrive(1)
  await time.pass(15_000)
  t.false(partition.log.includes('working 1'))
})

test('no more events are in work than the window allows', async t => {
  const partition = startPartition(t, { window: 2 })
  await partition.arrive(1, 2, 3)
  t.deepEqual([...partition.offers.keys()], ['e1.sub_1', 'e2.sub_1'])
  await partition.settle('e1.sub_1', 'recorded')
  t.true(partition.offers.has('e3.sub_1'))
  const asides: number[] = []
  const invalid = startPartition(t, {
    window: 2,
    read: () => {
      throw new Failure('not_utf8', 'Not text.')
    },
    keepAside: ({ sequence }) => (asides.push(sequence), new Promise(() => {})),
  })
  await invalid.arrive(1, 2, 3)
  t.deepEqual(asides, [1, 2])
})

test('the partition is finished when its source has ended and the last event has, also one that is set aside', async t => {
  const kept = Promise.withResolvers<void>()
  const partition = startPartition(t, { keepAside: () => kept.promise })
  await partition.arrive(1, [2, { redeliveries: 5 }])
  partition.complete()
  await partition.settle('e1.sub_1', 'recorded')
  await partition.settle('e2.sub_1', new Error('odd'))
  t.false(partition.log.includes('complete'))
  kept.resolve()
  await partition.arrive()
  t.deepEqual(partition.log.slice(-3), ['discard 2: internal: Error', 'end 2 kept_aside', 'complete'])
})
