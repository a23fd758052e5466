import { eventTypes } from '../config/event-types/index.ts'
import { dayMs } from '../src/domain/time.ts'
import { startExporting } from './exporting.ts'
import { keep, round, transposed } from './figures.ts'
import { call, subscribe } from './poster.ts'
import { type BenchReceiver, startReceiver } from './receivers.ts'
import { runBurst } from './run-burst.ts'
import { fillStream, withLedger } from './servers.ts'
import type { BenchSystem } from './system.ts'

const events = 5_000
const rows = 1_000_000
const messages = 1_000_000
const heldRows = 100_000
const subscriptions = 10_000
const batch = 5_000
const sample = eventTypes.find(({ type }) => type === 'visit.checked_in')?.sample
/** Repeats the same burst on one system that grows in steps, to see whether the cost of an event grows too. */
export const growth = async (): Promise<void> => {
  const system = await startExporting({ DOORBELL_SYNC: 'interval' })
  const receiver = await startReceiver()
  try {
    const { id } = await subscribe(system, receiver.url)
    for (const prefix of ['warm-1', 'warm-2', 'warm-3', 'warm-4']) await measure(system, receiver, prefix)
    const results: Record<string, Awaited<ReturnType<typeof measure>>> = {}
    results['empty'] = await measure(system, receiver, 'empty')
    await manySubscriptions(system)
    results['10,000 subscriptions'] = await measure(system, receiver, 'subscriptions')
    await fillLedger(system, id, rows, 'delivered')
    results['1,000,000 rows'] = await measure(system, receiver, 'rows')
    const { id: paused } = await subscribe(system, `${receiver.url}paused`, 'bench')
    await call(system, 'POST', `/v1/tenants/bench/subscriptions/${paused}/pause`)
    await fillLedger(system, paused, heldRows, 'held')
    // Events of this subscription are held and are not measured.
    await call(system, 'PATCH', `/v1/tenants/bench/subscriptions/${paused}`, { eventTypes: ['visit.checked_out'] })
    results['100,000 held rows'] = await measure(system, receiver, 'held')
    await fillStream(system, messages, silentMessage)
    results['1,000,000 messages'] = await measure(system, receiver, 'messages')
    const cost = results['empty']['CPU ms/event']
    const ratios = Object.fromEntries(
      Object.entries(results).map(([name, figures]) => [name, round(figures['CPU ms/event'] / cost)]),
    )
    process.stdout.write(`\ngrowth: ${events} check-ins after each step, everything kept\n`)
    console.table(transposed(results))
    console.table({ 'CPU per event, as a ratio to empty': ratios })
    await keep('growth', { events, results, ratios })
  } finally {
    receiver.stop()
    await system.stop()
  }
}

const measure = (system: BenchSystem, receiver: BenchReceiver, prefix: string) =>
  runBurst(system, receiver, { prefix, count: events })

/** Adds subscriptions of other tenants, a few of them in each partition. */
const manySubscriptions = async (system: BenchSystem): Promise<void> => {
  const waiting = Array.from({ length: subscriptions }, (_, n) => n)
  const work = async () => {
    for (let n = waiting.pop(); n !== undefined; n = waiting.pop())
      await subscribe(system, `http://127.0.0.1:9999/${n}`, `tenant-${Math.floor(n / 10)}`)
  }
  await Promise.all(Array.from({ length: 16 }, work))
}

const fillLedger = (
  system: BenchSystem,
  subscriptionId: string,
  count: number,
  status: 'delivered' | 'held',
): Promise<void> =>
  withLedger(system, async collection => {
    const deliveries = collection('deliveries')
    for (let begin = 0; begin < count; begin += batch)
      await deliveries.insertMany(
        Array.from({ length: batch }, (_, n) => rowOf(begin + n, subscriptionId, status)),
        { ordered: false },
      )
  })

const rowOf = (n: number, subscriptionId: string, status: 'delivered' | 'held') => {
  const at = Date.now() - (n % (20 * dayMs))
  const eventId = `${status}-${n}`
  const traceId = n.toString(16).padStart(32, '0')
  const waiting = {
    open: true,
    reason: 'paused',
    nextAttemptAt: at,
    body: JSON.stringify({ id: eventId, data: sample }),
  }
  return {
    _id: `${eventId}.${subscriptionId}`,
    tenant: 'bench',
    partition: 0,
    subscriptionId,
    eventId,
    visitId: `visit-${n}`,
    type: 'visit.checked_in',
    streamSequence: n,
    status,
    revision: 1,
    attempts:
      status === 'held'
        ? []
        : [
            {
              number: 1,
              at,
              tookMs: 12,
              status: 204,
              response: '',
              url: 'http://127.0.0.1/',
              traceId,
              spanId: 'a'.repeat(16),
            },
          ],
    traceparent: `00-${traceId}-${'a'.repeat(16)}-01`,
    createdAt: at,
    updatedAt: at,
    ...(status === 'held' ? waiting : { expireAt: new Date(at + 30 * dayMs) }),
  }
}

/** Publishes events of a tenant without subscriptions. */
const silentMessage = (n: number) => ({
  subject: 'visits.in.silent.visit.checked_in',
  body: JSON.stringify({
    id: `silent-${n}`,
    type: 'visit.checked_in',
    timestamp: new Date().toISOString(),
    visitId: `visit-${n}`,
    data: sample,
  }),
})
