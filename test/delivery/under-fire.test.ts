import test from 'ava'
import { decodeProtectedHeader } from 'jose'
import { openLedger } from '../../src/ledger/ledger.ts'
import { checkIn, type Doorbell, type Row, rowWhen, startDoorbell, subscribe } from '../support/doorbell.ts'
import { startReceiver } from '../support/receiver.ts'
import { until } from '../support/until.ts'

const events = '/v1/tenants/acme/events'
const batch = (from: number, count: number, change: object = {}) => ({
  events: Array.from({ length: count }, (_, index) =>
    checkIn({ id: `evt-${from + index}`, visitId: `visit-${from + index}`, ...change }),
  ),
})
const quick = { retry: { delaysMs: [100, 100] } }
const subscriptionPath = (id: string) => `/v1/tenants/acme/subscriptions/${id}`

test('a rate limit holds at the receiver, and everything arrives', async t => {
  const doorbell = await startDoorbell(t)
  const at: number[] = []
  const receiver = await startReceiver(t, () => (at.push(performance.now()), 204))
  await subscribe(doorbell, receiver.url, { ratePerSecond: 20 })
  await doorbell.call('POST', `${events}/batch`, batch(0, 45))
  await receiver.count(45)
  // Two may come at once (a tenth of a second's worth), then one each 50 ms; arrivals are later than posts by a little that varies.
  const spanMs = (at.at(-1) ?? 0) - (at[0] ?? 0)
  t.true(spanMs >= (45 - 2) * 50 - 250, `45 arrived within ${Math.round(spanMs)} ms`)
})

test('an endpoint that never answers opens its circuit: the rest is held, burns no attempt, and the API says why', async t => {
  const doorbell = await startDoorbell(t)
  const { id } = await subscribe(doorbell, 'http://127.0.0.1:9999/hook', quick)
  for (let n = 0; n < 5; n += 1) await doorbell.call('POST', events, checkIn({ id: `first-${n}` }))
  const { body: shown } = await until(
    () => doorbell.call('GET', subscriptionPath(id)),
    ({ body }) => body['circuit'] === 'open',
  )
  t.regex(String(shown['circuitReason']), /in a row got no answer\. No connection to the endpoint/)
  t.true(Date.parse(String(shown['nextProbeAt'])) > Date.now())
  await doorbell.call('POST', events, checkIn({ id: 'later' }))
  const row = await rowWhen(doorbell, `later.${id}`, ({ status }) => status === 'held')
  t.like(row, { reason: 'circuit_open', attempts: [] })
  t.true(doorbell.lines.some(line => line.includes('circuit opened') && line.includes('"remedy"')))
  const list = await doorbell.call<{ items: { circuit: string }[] }>('GET', '/v1/tenants/acme/subscriptions')
  t.is(list.body.items[0]?.circuit, 'open')
  // Another process begins with what this one knew.
  await doorbell.service.stop()
  const next = await startDoorbell(t, doorbell.settings)
  await next.call('POST', events, checkIn({ id: 'after-restart' }))
  const held = await rowWhen(next, `after-restart.${id}`, ({ status }) => status === 'held')
  t.like(held, { reason: 'circuit_open', attempts: [] })
  // Another url is another endpoint: it is tried at once.
  const receiver = await startReceiver(t)
  await next.call('PATCH', subscriptionPath(id), { url: receiver.url })
  await rowWhen(next, `later.${id}`)
})

test('a paused subscription holds its events; once resumed, it catches up or skips, as its user chooses', async t => {
  const doorbell = await startDoorbell(t)
  const receiver = await startReceiver(t)
  const { id } = await subscribe(doorbell, receiver.url)
  t.like((await doorbell.call('POST', `${subscriptionPath(id)}/pause`)).body, { status: 'paused' })
  await doorbell.call('POST', events, checkIn({ id: 'missed' }))
  t.like(await rowWhen(doorbell, `missed.${id}`, ({ status }) => status === 'held'), { reason: 'paused' })
  t.like((await doorbell.call('GET', subscriptionPath(id))).body, { status: 'paused', held: 1 })
  t.like((await doorbell.call('POST', `${subscriptionPath(id)}/resume`)).body, { status: 'active' })
  await rowWhen(doorbell, `missed.${id}`)

  await doorbell.call('POST', `${subscriptionPath(id)}/pause`)
  await doorbell.call('POST', events, checkIn({ id: 'unwanted' }))
  await rowWhen(doorbell, `unwanted.${id}`, ({ status }) => status === 'held')
  const resumed = await doorbell.call('POST', `${subscriptionPath(id)}/resume`, { catchUp: false })
  t.like(resumed.body, { status: 'active', skipped: 1, held: 0 })
  t.like(await rowWhen(doorbell, `unwanted.${id}`, ({ status }) => status === 'cancelled'), { reason: 'skipped' })
  await doorbell.call('POST', events, checkIn({ id: 'after' }))
  await rowWhen(doorbell, `after.${id}`)
  t.deepEqual(
    receiver.arrivals.map(({ headers }) => headers['webhook-id']),
    ['missed', 'after'],
  )
})

test('a dead delivery is announced to subscriptions that ask for it, and can be sent again', async t => {
  const doorbell = await startDoorbell(t)
  let well = false
  const receiver = await startReceiver(t, () => (well ? 204 : 500))
  const announced = await startReceiver(t)
  const { id } = await subscribe(doorbell, receiver.url, quick)
  await subscribe(doorbell, announced.url, { eventTypes: ['webhook.delivery.exhausted'] })
  await doorbell.call('POST', events, checkIn({ id: 'evt-1' }))
  t.like(await rowWhen(doorbell, `evt-1.${id}`, ({ status }) => status === 'dead'), { reason: 'exhausted' })
  const [announcement] = await announced.count(1)
  t.like(JSON.parse(announcement?.body ?? '{}'), {
    type: 'webhook.delivery.exhausted',
    data: { subscriptionId: id, deliveryId: `evt-1.${id}`, attempts: 3 },
  })
  well = true
  t.is((await doorbell.call('POST', `/v1/tenants/acme/deliveries/evt-1.${id}/resend`)).status, 202)
  const row = await rowWhen(doorbell, `evt-1.${id}`)
  t.deepEqual(
    row.attempts.map(({ number, status }) => [number, status]),
    [
      [1, 500],
      [2, 500],
      [3, 500],
      [4, 204],
    ],
  )
  const [first, , , fourth] = receiver.arrivals
  t.is(first?.body, fourth?.body, 'the bytes are the same on every attempt')
  t.is(fourth?.headers['webhook-replay'], undefined, 'it had not been delivered')
})

test('a waiting delivery can be cancelled, and a final one cannot', async t => {
  const doorbell = await startDoorbell(t)
  const receiver = await startReceiver(t, () => 500)
  const { id } = await subscribe(doorbell, receiver.url, { retry: { delaysMs: [86_400_000] } })
  await doorbell.call('POST', events, checkIn({ id: 'evt-1' }))
  await rowWhen(doorbell, `evt-1.${id}`, ({ status }) => status === 'pending')
  const path = `/v1/tenants/acme/deliveries/evt-1.${id}/cancel`
  t.like(await doorbell.call('POST', path), { status: 202, body: { status: 'cancelled', reason: 'cancelled' } })
  t.like(await doorbell.call('POST', path), { status: 409, body: { code: 'conflict' } })
})

test('a test event is sent at once, signed and marked, also while the subscription is paused', async t => {
  const doorbell = await startDoorbell(t)
  const receiver = await startReceiver(t, () => 201)
  const { id } = await subscribe(doorbell, receiver.url)
  await doorbell.call('POST', `${subscriptionPath(id)}/pause`)
  const { status, body } = await doorbell.call<Row>('POST', `${subscriptionPath(id)}/test`)
  t.is(status, 200)
  t.like(body, { status: 'delivered', type: 'visit.checked_in' })
  t.is(body.attempts[0]?.status, 201)
  const [arrival] = receiver.arrivals
  t.is(arrival?.headers['webhook-test'], 'true')
  t.like(decodeProtectedHeader(String(arrival?.headers['webhook-jws'])), { test: true, aud: id })
  await rowWhen(doorbell, body.id)
  const wrong = await doorbell.call('POST', `${subscriptionPath(id)}/test`, { type: 'badge.printed' })
  t.like(wrong, { status: 400, body: { code: 'unknown_event_type' } })
})

test('a replay counts first, sends a range again with its mark, and finds events that were never delivered', async t => {
  const doorbell = await startDoorbell(t)
  const receiver = await startReceiver(t)
  const from = new Date().toISOString()
  const { id: first } = await subscribe(doorbell, receiver.url)
  await doorbell.call('POST', `${events}/batch`, batch(0, 5))
  await receiver.count(5)
  for (let n = 0; n < 5; n += 1) await rowWhen(doorbell, `evt-${n}.${first}`)
  const range = { from, to: new Date(Date.now() + 1_000).toISOString() }
  const path = '/v1/tenants/acme/replays'
  const dry = await doorbell.call('POST', path, { subscriptionId: first, ...range, dryRun: true })
  t.deepEqual([dry.status, dry.body], [200, { count: 5 }])
  const { status, body } = await doorbell.call<{ id: string }>('POST', path, { subscriptionId: first, ...range })
  t.is(status, 202)
  const again = (await receiver.count(10)).slice(5)
  t.true(again.every(({ headers }) => headers['webhook-replay'] === 'true'))
  t.like(decodeProtectedHeader(String(again[0]?.headers['webhook-jws'])), { replay: true })
  const { body: progress } = await until(
    () => doorbell.call('GET', `${path}/${body.id}`),
    answer => answer.body['state'] === 'done' && answer.body['waiting'] === 0,
  )
  t.like(progress, { total: 5, opened: 5, skipped: 0, delivered: 5 })

  const late = await startReceiver(t)
  const { id: second } = await subscribe(doorbell, late.url)
  const missing = { subscriptionId: second, ...range, status: 'missing' }
  t.deepEqual((await doorbell.call('POST', path, { ...missing, dryRun: true })).body, { count: 5 })
  await doorbell.call('POST', path, missing)
  const found = await late.count(5)
  const bodies = (arrivals: typeof found) => arrivals.map(({ body: bytes }) => bytes).toSorted()
  t.deepEqual(bodies(found), bodies(again))

  interface Listed {
    readonly items: readonly { readonly id: string; readonly subscriptionId: string }[]
    readonly next: string | null
  }
  const list = async (query: string) => (await doorbell.call<Listed>('GET', `${path}?${query}`)).body
  const [newest, older] = [await list('limit=1'), await list(`subscriptionId=${first}`)]
  t.is(newest.items[0]?.subscriptionId, second)
  t.deepEqual(
    older.items.map(one => one.id),
    [body.id],
  )
  t.deepEqual((await list(`limit=1&cursor=${newest.next}`)).items[0]?.id, body.id)
})

test('a replay that is cancelled puts back what it has not sent', async t => {
  const doorbell = await startDoorbell(t)
  const receiver = await startReceiver(t)
  const from = new Date().toISOString()
  const { id } = await subscribe(doorbell, receiver.url)
  await doorbell.call('POST', `${events}/batch`, batch(0, 20))
  for (let n = 0; n < 20; n += 1) await rowWhen(doorbell, `evt-${n}.${id}`)
  const path = '/v1/tenants/acme/replays'
  const range = { from, to: new Date(Date.now() + 1_000).toISOString() }
  const { body } = await doorbell.call<{ id: string }>('POST', path, { subscriptionId: id, ...range, perSecond: 0.1 })
  await receiver.count(21)
  // The arrival comes before its row: one under way would not be put back, and is not delivered yet.
  await until(
    () => doorbell.call('GET', `${path}/${body.id}`),
    ({ body: progress }) => progress['delivered'] === 1,
  )
  t.is((await doorbell.call('DELETE', `${path}/${body.id}`)).status, 204)
  const rows = await doorbell.call<{ items: Row[] }>('GET', `/v1/tenants/acme/deliveries?subscriptionId=${id}`)
  t.true(rows.body.items.every(({ status, reason }) => status === 'delivered' && reason === undefined))
  t.like((await doorbell.call('GET', `${path}/${body.id}`)).body, { state: 'cancelled', delivered: 1, waiting: 0 })
  t.is((await doorbell.call('DELETE', `${path}/${body.id}`)).status, 409)
})

test('a visit’s events keep their order through retries, and other visits flow', async t => {
  const doorbell = await startDoorbell(t)
  let otherCame = false
  const receiver = await startReceiver(t, ({ headers }) => {
    otherCame ||= headers['webhook-id'] === 'other'
    return headers['webhook-id'] === 'in' && !otherCame ? 503 : 204
  })
  const { id } = await subscribe(doorbell, receiver.url, {
    eventTypes: ['visit.*'],
    ordering: 'visit',
    retry: { delaysMs: Array.from({ length: 25 }, () => 1_000) },
  })
  await doorbell.call('POST', events, checkIn({ id: 'in', visitId: 'v1' }))
  await rowWhen(doorbell, `in.${id}`, ({ attempts }) => attempts.length > 0)
  await doorbell.call('POST', `${events}/batch`, {
    events: [
      checkIn({ id: 'out', visitId: 'v1' }),
      checkIn({ id: 'back', visitId: 'v1' }),
      checkIn({ id: 'other', visitId: 'v2' }),
    ],
  })
  await rowWhen(doorbell, `back.${id}`)
  const ids = receiver.arrivals.map(({ headers }) => headers['webhook-id'])
  t.deepEqual([...new Set(ids.filter(each => each !== 'other'))], ['in', 'out', 'back'])
  t.is(ids.lastIndexOf('in') < ids.indexOf('out'), true, 'not before its last attempt')
  t.true(ids.indexOf('other') < ids.lastIndexOf('in'), 'the other visit did not wait')
  const sequences = ['in', 'out', 'back'].map(
    event =>
      (
        JSON.parse(receiver.arrivals.find(({ headers }) => headers['webhook-id'] === event)?.body ?? '{}') as {
          sequence: number
        }
      ).sequence,
  )
  t.deepEqual(
    sequences,
    sequences.toSorted((a, b) => a - b),
  )
  t.is(new Set(sequences).size, 3)
})

const byItself = { actor: { kind: 'system', id: 'doorbell' }, before: { status: 'active' } }

/** The audit's entry of a subscription that Doorbell disabled, once it is complete. */
const disabling = async ({ call }: Pick<Doorbell, 'call'>, id: string): Promise<Record<string, unknown>> => {
  const path = `/v1/tenants/acme/audit?resource=${id}`
  const find = async () => {
    const { items } = (await call<{ items: Record<string, unknown>[] }>('GET', path)).body
    return items.find(({ action, outcome }) => action === 'disableSubscription' && outcome === 'done')
  }
  return (await until(find)) ?? {}
}

test('an endpoint that has failed for five days is disabled at its next failure, and the audit says so; one that refuses an event is not', async t => {
  const doorbell = await startDoorbell(t)
  const [receiver, refusing] = [await startReceiver(t, () => 500), await startReceiver(t, () => 422)]
  const { id } = await subscribe(doorbell, receiver.url, quick)
  const { id: refuses } = await subscribe(doorbell, refusing.url, quick)
  const ledger = await openLedger({ url: doorbell.settings.mongodbUrl, database: doorbell.settings.database ?? '' })
  t.teardown(ledger.close)
  const now = Date.now()
  const failingSince = now - 5 * 24 * 60 * 60_000
  const circuit = { phase: 'closed', since: now, until: null, times: 0, reason: null } as const
  for (const subscriptionId of [id, refuses])
    await ledger.health.put({ subscriptionId, circuit, failingSince, notices: 3, gone: 0, updatedAt: now })
  await doorbell.call('POST', events, checkIn({ id: 'evt-1' }))
  const statusReason = `No delivery has succeeded since ${new Date(failingSince).toISOString()}.`
  const entry = await disabling(doorbell, id)
  const { traceId } = await rowWhen(doorbell, `evt-1.${id}`, ({ attempts }) => attempts.length > 0)
  t.like(entry, { ...byItself, after: { status: 'disabled' }, traceId })
  t.true((entry['after'] as { statusReason: string }).statusReason.startsWith(statusReason))
  await rowWhen(doorbell, `evt-1.${refuses}`, ({ attempts }) => attempts.length > 1)
  t.like((await doorbell.call('GET', subscriptionPath(refuses))).body, { status: 'active' })
})

test('a second 410 disables the subscription, its events are held, and one call brings it back with them', async t => {
  const doorbell = await startDoorbell(t)
  let gone = true
  const receiver = await startReceiver(t, () => (gone ? 410 : 204))
  const announced = await startReceiver(t)
  const { id } = await subscribe(doorbell, receiver.url, quick)
  await subscribe(doorbell, announced.url, { eventTypes: ['webhook.subscription.*'] })
  await doorbell.call('POST', events, checkIn({ id: 'evt-1' }))
  const { body: shown } = await until(
    () => doorbell.call('GET', subscriptionPath(id)),
    ({ body }) => body['status'] === 'disabled',
  )
  t.regex(String(shown['statusReason']), /gone \(410\)/)
  const { traceId } = await rowWhen(doorbell, `evt-1.${id}`, ({ attempts }) => attempts.length === 2)
  const statusReason = 'The endpoint answered twice that it is gone (410).'
  t.like(await disabling(doorbell, id), { ...byItself, after: { status: 'disabled', statusReason }, traceId })
  const [announcement] = await announced.count(1)
  t.like(JSON.parse(announcement?.body ?? '{}'), {
    type: 'webhook.subscription.disabled',
    data: { subscriptionId: id },
  })
  await doorbell.call('POST', events, checkIn({ id: 'evt-2' }))
  await rowWhen(doorbell, `evt-2.${id}`, ({ status, reason }) => status === 'held' && reason === 'disabled')
  gone = false
  t.like((await doorbell.call('POST', `${subscriptionPath(id)}/resume`)).body, { status: 'active' })
  await rowWhen(doorbell, `evt-1.${id}`)
  await rowWhen(doorbell, `evt-2.${id}`)
})

test('an event that has expired for its subscription is shown as dead', async t => {
  const doorbell = await startDoorbell(t)
  const { promise: released, resolve: release } = Promise.withResolvers<number>()
  const receiver = await startReceiver(t, () => released)
  const { id } = await subscribe(doorbell, receiver.url, { retry: { delaysMs: [60_000] } })
  await doorbell.call('POST', events, checkIn({ id: 'evt-1' }))
  await receiver.count(1)
  // Once its first attempt is under way, so that the event does not expire before it.
  await doorbell.call('PATCH', subscriptionPath(id), { expiresAfterMs: 1_000 })
  release(500)
  const row = await rowWhen(doorbell, `evt-1.${id}`, ({ status }) => status === 'dead')
  t.is(row.reason, 'expired')
  t.is(row.attempts.length, 1)
})

test('Retry-After silences the whole subscription until then', async t => {
  const doorbell = await startDoorbell(t)
  const at: number[] = []
  const receiver = await startReceiver(t, ({ index }) => (at.push(performance.now()), index === 0 ? 429 : 204), {
    'retry-after': '3',
  })
  const { id } = await subscribe(doorbell, receiver.url, quick)
  await doorbell.call('POST', `${events}/batch`, batch(0, 1))
  await rowWhen(doorbell, `evt-0.${id}`, ({ attempts }) => attempts.length === 1)
  await doorbell.call('POST', `${events}/batch`, batch(1, 3))
  await receiver.count(5)
  t.true((at[1] ?? 0) - (at[0] ?? 0) > 2_950)
})

test('two workers share the partitions, and one that leaves hands its own over', async t => {
  const first = await startDoorbell(t)
  const receiver = await startReceiver(t)
  const tenants = Array.from({ length: 12 }, (_, n) => `tenant-${n}`)
  const ids = new Map<string, string>()
  for (const tenant of tenants) ids.set(tenant, (await subscribe(first, receiver.url, {}, tenant)).id)
  const second = await startDoorbell(t, first.settings)
  const post = async (id: string) => {
    for (const tenant of tenants) await first.call('POST', `/v1/tenants/${tenant}/events`, checkIn({ id }))
    for (const tenant of tenants) await rowWhen(first, `${id}.${ids.get(tenant)}`, undefined, tenant)
  }
  await post('evt-1')
  const shares = ({ lines }: typeof first) =>
    lines
      .filter(line => line.includes('partitions changed'))
      .map(line => (JSON.parse(line) as { partitions: number[] }).partitions)
  const owned = () => [first, second].map(each => shares(each).at(-1)?.length ?? 0)
  await until(owned, ([one = 0, other = 0]) => one > 0 && other > 0 && one + other === 16)
  const before = receiver.arrivals.length
  await post('evt-2')
  await second.service.stop()
  await post('evt-3')
  t.is(receiver.arrivals.length, before + 24, 'each once')
})
