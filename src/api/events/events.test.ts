import test from 'ava'
import { eventTypes } from '../../../config/event-types/index.ts'
import { fakeStores } from '../../../test/support/fake-stores.ts'
import { serveApi } from '../../../test/support/serve-api.ts'
import { ago, minuteMs, nine, storedDocuments } from '../../../test/support/stored-documents.ts'
import { wholeCalls } from '../../../test/support/whole-calls.ts'
import type { Delivery } from '../../domain/delivery.ts'
import { Failure } from '../../domain/failure.ts'
import type { Subscription } from '../../domain/subscription.ts'
import { writeCursor } from '../operation/page.ts'
import { whyOf } from './why.ts'

const { event, delivery, subscription } = storedDocuments
const sample = eventTypes.find(({ type }) => type === 'visit.checked_in')?.sample
const checkIn = (change = {}) => ({ type: 'visit.checked_in', visitId: 'visit-1', data: sample, ...change })

test('each event of a batch has its own result: accepted, duplicate, or a problem', async t => {
  const call = await wholeCalls(deps => serveApi(t, deps))
  const seen = new Set<string>()
  const accept = async ({ id }: { id: string }) => {
    if (id === 'away') throw new Failure('stream_full', 'full')
    const duplicate = seen.has(id)
    seen.add(id)
    return { id, duplicate }
  }
  const events = [
    checkIn({ id: 'a' }),
    checkIn({ id: 'a' }),
    checkIn({ visitId: 'no spaces' }),
    checkIn({ type: 'visit.lost' }),
    checkIn({ data: { ...sample, note: 'x'.repeat(64 * 1024) } }),
    null,
    checkIn({ id: 'away' }),
    checkIn({ type: 'webhook.subscription.disabled', data: {} }),
    checkIn({ id: 'b' }),
  ]
  const { status, body } = await call('postEvents', { body: { events } }, { accept })
  t.is(status, 202)
  const { results } = body as { results: { id?: string; duplicate?: boolean; code?: string }[] }
  t.deepEqual(
    results.map(({ id, duplicate, code }) => code ?? [id, duplicate]),
    [
      ['a', false],
      ['a', true],
      'invalid_request',
      'unknown_event_type',
      'payload_too_large',
      'invalid_request',
      'stream_full',
      'invalid_request',
      ['b', false],
    ],
  )
  t.deepEqual([...seen], ['a', 'b'])
})

test('an event of a batch may have 64 KiB, as one that is posted alone', async t => {
  const call = await wholeCalls(deps => serveApi(t, deps))
  const ofBytes = (bytes: number) => {
    const empty = checkIn({ data: { ...sample, note: '' } })
    return checkIn({ data: { ...sample, note: 'é'.padEnd(bytes - Buffer.byteLength(JSON.stringify(empty)) - 1, 'x') } })
  }
  const events = [ofBytes(65_536), ofBytes(65_537)]
  t.deepEqual(
    events.map(each => Buffer.byteLength(JSON.stringify(each))),
    [65_536, 65_537],
  )
  const { results } = (await call('postEvents', { body: { events } })).body as {
    results: { code?: string; detail?: string }[]
  }
  t.deepEqual(
    results.map(({ code, detail }) => [code, detail]),
    [
      [undefined, undefined],
      ['payload_too_large', 'The event is 65537 bytes; the limit is 65536 bytes (64 KiB).'],
    ],
  )
  t.deepEqual(
    [(await call('postEvent', { body: events[0] })).status, (await call('postEvent', { body: events[1] })).status],
    [202, 413],
  )
})

test('a batch has 1 to 500 events', async t => {
  const call = await wholeCalls(deps => serveApi(t, deps))
  const statusOf = async (length: number) =>
    (await call('postEvents', { body: { events: Array.from({ length }, () => ({})) } })).status
  t.deepEqual([await statusOf(0), await statusOf(1), await statusOf(500), await statusOf(501)], [400, 202, 202, 400])
})

test('Doorbell’s own events cannot be posted', async t => {
  const call = await wholeCalls(deps => serveApi(t, deps))
  for (const { type, sample: data } of eventTypes.filter(each => each.type.startsWith('webhook.'))) {
    const { status, calls } = await call('postEvent', { body: checkIn({ type, data }) })
    t.is(status, 400, type)
    t.false(calls.some(([name]) => name === 'accept'))
  }
})

test('without a trace an accepted event has no trace id', async t => {
  const { call } = await serveApi(t, { ...fakeStores(), trace: () => null })
  t.is((await call('POST', '/v1/tenants/acme/events', checkIn())).body['traceId'], null)
  t.is((await call('POST', '/v1/tenants/acme/events/batch', { events: [checkIn()] })).body['traceId'], null)
})

/** Pages of the feed by what is asked for, and a clock that moves when the caller waits. */
const feedOf = async (
  t: Parameters<typeof serveApi>[0],
  pages: readonly (readonly { sequence: number; event: typeof event | null }[])[],
) => {
  const asked: unknown[] = []
  const waits: number[] = []
  let now = nine
  const { call } = await serveApi(t, {
    ...fakeStores(),
    readFeed: async query => (asked.push(query), pages[asked.length - 1] ?? []),
    pause: async ms => void (waits.push(ms), (now += ms)),
    now: () => now,
  })
  const read = async (query: string) => {
    const { status, body } = await call('GET', `/v1/tenants/acme/events${query}`)
    const place =
      typeof body['next'] === 'string'
        ? (JSON.parse(Buffer.from(body['next'], 'base64url').toString()) as object)
        : null
    return { status, ids: ((body['items'] ?? []) as { id: string }[]).map(({ id }) => id), place }
  }
  return { read, asked, waits }
}
const entry = (sequence: number) => ({ sequence, event: { ...event, id: `e${sequence}` } })
const query = { tenant: 'acme', from: 0, after: null, limit: 50 }

test('the feed begins with the oldest event, at a time, or after the previous page', async t => {
  const { read, asked } = await feedOf(t, [[entry(1), entry(2)], [], [entry(3)], []])
  t.deepEqual(await read(''), { status: 200, ids: ['e1', 'e2'], place: { sequence: 2 } })
  t.deepEqual(await read('?from=2026-03-02T08:00:00Z'), { status: 200, ids: [], place: { from: ago(60) } })
  t.deepEqual(await read(`?cursor=${writeCursor({ sequence: 2 })}&limit=7`), {
    status: 200,
    ids: ['e3'],
    place: { sequence: 3 },
  })
  t.deepEqual(await read(`?cursor=${writeCursor({ from: 9 })}&from=2026-03-02T08:00:00Z`), {
    status: 200,
    ids: [],
    place: { from: 9 },
  })
  await read('?from=1969-12-31T00:00:00Z')
  t.deepEqual(asked, [
    query,
    { ...query, from: ago(60) },
    { ...query, after: 2, limit: 7 },
    { ...query, from: 9 },
    query,
  ])
})

test('a message that is no valid event is passed over at once, and the next page begins after it', async t => {
  const { read, asked, waits } = await feedOf(t, [
    [
      { sequence: 1, event: null },
      { sequence: 2, event: null },
    ],
    [entry(3), { sequence: 4, event: null }],
  ])
  t.deepEqual(await read(''), { status: 200, ids: ['e3'], place: { sequence: 4 } })
  t.deepEqual([asked, waits], [[query, { ...query, after: 2 }], []])
})

test('a caller that waits is answered with the next event, or with an empty page after its time', async t => {
  const found = await feedOf(t, [[], [], [entry(1)]])
  t.deepEqual(await found.read('?waitMs=30000'), { status: 200, ids: ['e1'], place: { sequence: 1 } })
  t.deepEqual(found.waits, [250, 250])
  const none = await feedOf(t, [])
  t.deepEqual(await none.read('?waitMs=1000'), { status: 200, ids: [], place: { from: 0 } })
  t.deepEqual(none.waits, [250, 250, 250, 250])
  const now = await feedOf(t, [])
  await now.read('')
  t.deepEqual(now.waits, [])
})

test('a feed whose caller is gone is not read on', async t => {
  let [asked, closed] = [0, false]
  const ended = Promise.withResolvers<undefined>()
  const begun = Promise.withResolvers<undefined>()
  const { url } = await serveApi(t, {
    ...fakeStores(),
    observe: async (context, next) => {
      const { req } = context as unknown as { req: { on(name: 'close', work: () => void): void } }
      req.on('close', () => (closed = true))
      await next()
      ended.resolve(undefined)
    },
    readFeed: async () => ((asked += 1), []),
    pause: async () => {
      begun.resolve(undefined)
      while (!closed) await new Promise(resolve => setImmediate(resolve))
    },
  })
  const caller = new AbortController()
  const answer = fetch(`${url}/v1/tenants/acme/events?waitMs=30000`, {
    headers: { authorization: 'Bearer operator' },
    signal: caller.signal,
  })
  await begun.promise
  caller.abort()
  await t.throwsAsync(answer)
  await ended.promise
  t.is(asked, 2)
})

test('a cursor of the feed is a place in it, and any other is refused', async t => {
  const { read } = await feedOf(t, [])
  const most = Date.parse('9999-12-31T23:59:59.999Z')
  const good = [{ sequence: 0 }, { sequence: Number.MAX_SAFE_INTEGER - 1 }, { from: 0 }, { from: most }]
  const bad = [
    { sequence: 1.5 },
    { sequence: -1, from: 0 },
    { sequence: Number.MAX_SAFE_INTEGER },
    { sequence: '1' },
    { from: most + 1 },
    { from: -1 },
    { from: '0' },
    {},
    null,
    7,
    [],
  ]
  for (const place of good) t.is((await read(`?cursor=${writeCursor(place)}`)).status, 200, JSON.stringify(place))
  for (const place of bad) t.is((await read(`?cursor=${writeCursor(place)}`)).status, 400, JSON.stringify(place))
})

test('an event that no subscription received has its account too, and one whose content is gone says so', async t => {
  const call = await wholeCalls(deps => serveApi(t, deps))
  const { deliveries, subscriptions } = fakeStores()
  const deps = {
    deliveries: { ...deliveries, list: async () => [] },
    subscriptions: { ...subscriptions, list: async () => [] },
  }
  const unmatched = await call('getEvent', { params: { id: 'event-7' } }, deps)
  // The stream has another event under this number.
  t.deepEqual(unmatched.body, {
    id: 'event-7',
    type: 'visit.created',
    visitId: 'visit-2',
    event: null,
    deliveries: [],
    subscriptions: [],
  })
  t.deepEqual(unmatched.calls.slice(-4), [
    ['deliveries.list', { tenant: 'acme', eventId: 'event-7', limit: 100 }],
    ['unmatched.get', 'acme', 'event-7'],
    ['readEvent', 'acme', 'visit.created', 42],
    ['subscriptions.list', 'acme', { limit: 50 }],
  ])
  const gone = await call('getEvent', { params: { id: 'event-1' } }, { ...deps, readEvent: async () => null })
  t.like(gone.body, { event: null })
  const long = await call(
    'getEvent',
    { params: { id: 'e'.repeat(71) } },
    { ...deps, unmatched: { get: async () => null } },
  )
  t.is((long.body as { detail: string }).detail.includes(`"${'e'.repeat(70)}"`), true)
})

test('each subscription says why it received an event or not', t => {
  const old = { ...subscription, version: 1, createdSequence: 41 }
  const why = (
    change: Partial<Subscription>,
    row: Delivery | null,
    content: typeof event | null = event,
    isProcessed = true,
  ) => {
    const [verdict] = whyOf(
      [{ ...old, ...change }],
      row === null ? [] : [{ ...delivery, id: 'x', subscriptionId: 'sub_0' }, row],
      content,
      { sequence: 42, isProcessed },
      nine,
    )
    t.like(verdict, { subscriptionId: 'sub_1', url: subscription.url })
    return [verdict?.outcome, verdict?.explanation]
  }
  t.deepEqual(why({}, { ...delivery, status: 'dead', reason: 'expired', attempts: [] }), [
    'dead',
    'It was not delivered within the time that the subscription allows.',
  ])
  t.deepEqual(why({}, { ...delivery, reason: undefined as never, attempts: [], nextAttemptAt: nine + minuteMs }), [
    'pending',
    'The delivery is under way. The next attempt is at 2026-03-02T09:01:00.000Z.',
  ])
  const younger = ['not_matched', 'The subscription was created after the event. A replay of missing events sends it.']
  t.deepEqual(why({ createdSequence: 42 }, null), younger)
  t.deepEqual(why({ createdSequence: 42 }, null, event, false), younger)
  // A replay sends neither what does not match nor what is no longer kept.
  const notSent = ['not_matched', 'The subscription was created after the event.']
  t.deepEqual(why({ createdSequence: 42, eventTypes: ['visit.created'] }, null), notSent)
  t.deepEqual(why({ createdSequence: 42 }, null, null, false), notSent)
  t.deepEqual(why({}, null, null), [
    'unknown',
    'It was not sent. The reason is not known, as the event’s content is no longer kept.',
  ])
  t.deepEqual(why({ eventTypes: ['visit.created'] }, null), [
    'not_matched',
    'The subscription lists visit.created; the event’s type is visit.checked_in.',
  ])
})

test('a verdict names no cause for an event that may be under way, and none that was not seen', t => {
  const why = (change: Partial<Subscription>, isProcessed: boolean) =>
    whyOf([{ ...subscription, createdSequence: 41, ...change }], [], event, { sequence: 42, isProcessed }, nine).map(
      ({ outcome, explanation }) => [outcome, explanation],
    )[0]
  for (const version of [1, 2])
    t.deepEqual(why({ version, updatedAt: nine }, false), [
      'pending',
      'The event was accepted and is not processed yet, or its first attempt is under way. Look again in a moment.',
    ])
  t.deepEqual(why({ version: 2 }, true), [
    'not_matched',
    'When the event was processed, the subscription did not match it; it matches now. A replay of missing events sends it.',
  ])
  t.deepEqual(why({ version: 1 }, true), [
    'unknown',
    'It matches, and the log has no delivery of it. A replay of missing events sends it.',
  ])
  const { createdSequence: _, ...ofEarlierVersion } = subscription
  t.deepEqual(
    whyOf([ofEarlierVersion], [], event, { sequence: 42, isProcessed: true }, nine).map(each => each.explanation),
    [
      'When the event was processed, the subscription did not exist yet or did not match it; it matches now. A replay of missing events sends it.',
    ],
  )
})

test('an event that is accepted and not processed yet has its account', async t => {
  const call = await wholeCalls(deps => serveApi(t, deps))
  const { deliveries, subscriptions } = fakeStores()
  const asked: unknown[] = []
  const { status, body } = await call(
    'getEvent',
    { params: { id: 'event-7' } },
    {
      deliveries: { ...deliveries, list: async () => [] },
      subscriptions: { ...subscriptions, list: async () => [{ ...subscription, eventTypes: ['visit.*'] }] },
      unmatched: { get: async () => null },
      workedOnTo: async tenant => (asked.push(tenant), 40),
      findWaiting: async (...args) => {
        asked.push(args)
        return { type: 'visit.checked_in', visitId: 'visit-9', streamSequence: 43 }
      },
      readEvent: async () => ({ ...event, id: 'event-7' }),
    },
  )
  t.is(status, 200)
  t.deepEqual(asked, ['acme', ['acme', 'event-7', 40]])
  t.like(body, {
    id: 'event-7',
    type: 'visit.checked_in',
    visitId: 'visit-9',
    event: { id: 'event-7' },
    deliveries: [],
  })
  t.like((body as { subscriptions: object[] }).subscriptions[0], { outcome: 'pending' })
})
