import { startExporting } from './exporting.ts'
import type { Behaviour } from './bare-receiver.ts'
import { keep, median, percentiles, round, transposed, usage, ways } from './figures.ts'
import { post, subscribe } from './poster.ts'
import { type BenchReceiver, startReceiver } from './receivers.ts'
import type { BenchSystem } from './system.ts'

const events = 10_000
const warmUp = 500
const rounds = 3

/** Measures how failing subscriptions affect healthy ones: beside one that hangs, and among a hundred of which forty fail. */
export const isolation = async (): Promise<void> => {
  const burst = await compared({ count: events })
  process.stdout.write(
    `\nisolation: ${events} check-ins as fast as 32 connections go, the healthy subscription's figures\n`,
  )
  console.table(transposed(burst))
  const steady = await compared({ count: 4_000, perSecond: 400 })
  process.stdout.write('\nisolation: 4,000 check-ins at 400 a second\n')
  console.table(transposed(steady))
  const hundred = { '100 healthy': await amongHundred(false), '60 healthy of 100': await amongHundred(true) }
  process.stdout.write('\nisolation: 10 tenants with 10 subscriptions each, 2,000 check-ins at 100 a second\n')
  console.table(transposed(hundred))
  await keep('isolation', { events, burst, steady, hundred })
}

interface Load {
  readonly count: number
  readonly perSecond?: number
}
type Figures = Readonly<Record<string, number>>

/** Runs each case several times in turn, since the machine's speed varies. Reports medians, and their ratios to the first case. */
const compared = async (load: Load): Promise<Record<string, Figures>> => {
  const cases: Record<string, Behaviour | null> = {
    alone: null,
    'beside a healthy one': 'well',
    'beside a hanging one': 'hang',
  }
  const runs: Record<string, Figures[]> = {}
  for (let each = 0; each < rounds; each += 1)
    for (const [name, neighbour] of Object.entries(cases)) (runs[name] ??= []).push(await beside(neighbour, load))
  const medians = Object.fromEntries(Object.entries(runs).map(([name, found]) => [name, medianOf(found)]))
  const alone = medians['alone'] ?? {}
  return Object.fromEntries(
    Object.entries(medians).map(([name, figures]) => [
      name,
      {
        ...figures,
        'rate ÷ alone': round((figures['delivered/s'] ?? 0) / (alone['delivered/s'] ?? 1)),
        'p99 ÷ alone': round((figures['publish to receive p99 ms'] ?? 0) / (alone['publish to receive p99 ms'] ?? 1)),
      },
    ]),
  )
}

const medianOf = (runs: readonly Figures[]): Figures =>
  Object.fromEntries(Object.keys(runs[0] ?? {}).map(name => [name, median(runs.map(run => run[name] ?? 0))]))

const beside = async (neighbour: Behaviour | null, load: Load): Promise<Figures> => {
  const system = await startExporting({ DOORBELL_SYNC: 'interval' })
  const receiver = await startReceiver()
  const other = neighbour === null ? null : await startReceiver(neighbour)
  try {
    await subscribe(system, receiver.url)
    await post(system, { prefix: 'warm', count: warmUp })
    await receiver.arrived(warmUp)
    // After the warm-up, so that the other subscription fails only during the measured work.
    if (other !== null) await subscribe(system, other.url)
    return await measured(system, receiver, load)
  } finally {
    receiver.stop()
    other?.stop()
    await system.stop()
  }
}

const measured = async (system: BenchSystem, receiver: BenchReceiver, load: Load): Promise<Figures> => {
  const before = await usage(system)
  const startedAt = performance.now()
  const arriving = receiver.arrived(load.count)
  const { postedAt } = await post(system, { prefix: 'evt', ...load })
  const { arrivals } = await arriving
  const tookMs = performance.now() - startedAt
  const after = await usage(system)
  const cpu = Object.entries(after.cpu).reduce((sum, [name, ms]) => sum + ms - (before.cpu[name] ?? 0), 0)
  return {
    'delivered/s': Math.round(load.count / (tookMs / 1_000)),
    ...percentiles('publish to receive', ways(arrivals, postedAt)),
    'CPU ms/event': round(cpu / load.count),
    'node peak MiB': Math.round(after.memory['node'] ?? 0),
  }
}

/** Ten tenants with ten subscriptions each: of ten, one hangs, one refuses, one answers 429, one flaps, and six are healthy. */
const amongHundred = async (trouble: boolean): Promise<Figures> => {
  const system = await startExporting({ DOORBELL_SYNC: 'interval' })
  const receivers = {
    well: await startReceiver(),
    hang: await startReceiver('hang'),
    throttle: await startReceiver('throttle'),
    flap: await startReceiver('flap'),
  }
  const healthy = trouble ? 6 : 10
  const bad = [receivers.hang.url, 'http://127.0.0.1:9999/', receivers.throttle.url, receivers.flap.url]
  const tenants = Array.from({ length: 10 }, (_, n) => `tenant-${n}`)
  try {
    for (const tenant of tenants) {
      for (let n = 0; n < healthy; n += 1) await subscribe(system, `${receivers.well.url}${tenant}/${n}`, tenant)
      for (const url of trouble ? bad : []) await subscribe(system, url, tenant)
    }
    const count = 2_000
    const arriving = receivers.well.arrived(count * healthy)
    const { postedAt } = await post(system, { prefix: 'evt', count, tenants, perSecond: 100 })
    const { arrivals, duplicates } = await arriving
    const { memory } = await usage(system)
    return {
      'healthy deliveries': arrivals.length,
      ...percentiles('publish to receive', ways(arrivals, postedAt)),
      'node peak MiB': Math.round(memory['node'] ?? 0),
      duplicates,
    }
  } finally {
    Object.values(receivers).forEach(receiver => receiver.stop())
    await system.stop()
  }
}
