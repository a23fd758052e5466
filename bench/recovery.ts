import { setTimeout as wait } from 'node:timers/promises'
import { keep, median, round, transposed } from './figures.ts'
import { call, post, subscribe } from './poster.ts'
import { type Arrivals, startReceiver } from './receivers.ts'
import { type BenchSystem, startSystem } from './system.ts'

const events = 5_000
const warmUp = 200
const rounds = 3
const restartAfterMs = 2_000
const arriveWithinMs = 120_000
const settleWithinMs = 30_000

/** Kills the service (`kill -9`) during 5,000 events and restarts it 2 s later. Reports lost and duplicate deliveries, and the latest one. */
export const recovery = async (): Promise<void> => {
  const runs: Figures[] = []
  while (runs.length < rounds) runs.push(await killedAndRestarted())
  const figures = Object.keys(runs[0] ?? {})
  const medians = Object.fromEntries(figures.map(figure => [figure, median(runs.map(run => run[figure] ?? 0))]))
  const results = { ...Object.fromEntries(runs.map((run, n) => [`run ${n + 1}`, run])), median: medians }
  process.stdout.write(
    `\nrecovery: kill -9 in the middle of ${events} events, restart after ${restartAfterMs / 1_000} s\n`,
  )
  console.table(transposed(results))
  await keep('recovery', { events, restartAfterMs, results })
}

type Figures = Readonly<Record<string, number>>

const killedAndRestarted = async (): Promise<Figures> => {
  let system = await startSystem({})
  const receiver = await startReceiver()
  try {
    await subscribe(system, receiver.url)
    await post(system, { prefix: 'warm', count: warmUp })
    await receiver.arrived(warmUp)

    const half = receiver.arrived(events / 2)
    const posting = post(system, { prefix: 'evt', count: events, untilAccepted: true })
    const before = await half
    await system.kill()
    const most = receiver.arrived(events - before.arrivals.length)
    await wait(restartAfterMs)
    const restartedAt = Date.now()
    // On the same port, since the publisher keeps its address.
    system = await startSystem({ PORT: new URL(system.url).port }, system.dataDir)
    await posting
    // A lost event never arrives, so the report does not wait for all.
    const limit = setTimeout(() => void receiver.arrived(0), arriveWithinMs)
    const after = await most
    clearTimeout(limit)
    const delivered = await settled(system)
    const { ids, doubled, last } = together([before, after, await receiver.arrived(0)])
    const late = after.arrivals.map(([, at]) => at).filter(at => at > restartedAt)
    return {
      lost: events - ids,
      'not delivered in the log': events + warmUp - delivered,
      doubled,
      'ready after restart, s': round(system.readyMs / 1_000),
      'first after restart, s': round((Math.min(...late) - restartedAt) / 1_000),
      'slowest after restart, s': round((last - restartedAt) / 1_000),
    }
  } finally {
    receiver.stop()
    await system.stop()
  }
}

/** The receiver forgets what it has reported, so an event in two reports arrived twice. */
const together = (reports: readonly Arrivals[]) => {
  const firstAt = new Map<string, number>()
  let doubled = 0
  for (const { arrivals, duplicates } of reports) {
    doubled += duplicates
    for (const [id, at] of arrivals)
      if (firstAt.has(id)) doubled += 1
      else firstAt.set(id, at)
  }
  const last = firstAt.values().reduce((latest, at) => Math.max(latest, at), 0)
  return { ids: firstAt.size, doubled, last }
}

/** Waits until every event's row is delivered, since an event without a row may be posted again. Resolves with their number. */
const settled = async (system: BenchSystem): Promise<number> => {
  const since = Date.now()
  let delivered = await deliveredRows(system)
  while (delivered < events + warmUp && Date.now() - since < settleWithinMs) {
    await wait(500)
    delivered = await deliveredRows(system)
  }
  return delivered
}

const deliveredRows = async (system: BenchSystem): Promise<number> => {
  let found = 0
  let cursor: string | null = ''
  while (cursor !== null) {
    const path: string = `/v1/tenants/bench/deliveries?status=delivered&limit=200${cursor && `&cursor=${cursor}`}`
    const page: { items: unknown[]; next: string | null } = await call(system, 'GET', path)
    found += page.items.length
    cursor = page.next
  }
  return found
}
