import { startNameServer } from '../test/support/name-server.ts'
import { startExporting } from './exporting.ts'
import { keep, median, percentiles, round, transposed, ways } from './figures.ts'
import { post, subscribe } from './poster.ts'
import { type BenchReceiver, startReceiver } from './receivers.ts'
import type { BenchSystem } from './system.ts'

const rounds = 2
const dead = 50
const load = { count: 600, perSecond: 30 }
/** Twenty events for each dead name. */
const lost = { count: 1_000, perSecond: 50 }

/** Measures how fifty endpoints whose name servers never answer affect a healthy tenant: both cases in one run of the service. */
export const names = async (): Promise<void> => {
  const runs: (readonly [alone: number, beside: number])[] = []
  for (let each = 0; each < rounds; each += 1) runs.push(await measuredOnce(each))
  const alone = median(runs.map(([p99]) => p99))
  const beside = median(runs.map(([, p99]) => p99))
  const ratios = runs.map(([one, other]) => round(other / one))
  const result = {
    alone: { 'publish to receive p99 ms': alone },
    [`beside ${dead} dead names`]: { 'publish to receive p99 ms': beside, 'p99 ÷ alone': median(ratios) },
  }
  process.stdout.write(
    `\nnames: ${load.count} check-ins at ${load.perSecond} a second, beside ${lost.count} for dead names\n`,
  )
  console.table(transposed(result))
  await keep('names', { ...load, dead, lost: lost.count, ratios, result })
}

const measuredOnce = async (each: number): Promise<readonly [alone: number, beside: number]> => {
  const ends: (() => unknown)[] = []
  const server = await startNameServer(
    { teardown: stop => void ends.push(stop) },
    name => (name === 'good.example' ? ['127.0.0.1'] : 'silence'),
    { ttlS: 5 },
  )
  const system = await startExporting({ DOORBELL_SYNC: 'interval', DOORBELL_EGRESS_DNS: server.address })
  const receiver = await startReceiver()
  try {
    await subscribe(system, receiver.url.replace('127.0.0.1', 'good.example'))
    const tenants = Array.from({ length: dead }, (_, n) => `dead-${n}`)
    await Promise.all(tenants.map((tenant, n) => subscribe(system, `http://hang${n}.example/`, tenant)))
    await p99Of(system, receiver, `warm-${each}`)
    const alone = await p99Of(system, receiver, `alone-${each}`)
    const losing = post(system, { prefix: `lost-${each}`, tenants, ...lost })
    const beside = await p99Of(system, receiver, `beside-${each}`)
    await losing
    return [alone, beside]
  } finally {
    receiver.stop()
    await system.stop()
    ends.forEach(end => end())
  }
}

const p99Of = async (system: BenchSystem, receiver: BenchReceiver, prefix: string): Promise<number> => {
  const arriving = receiver.arrived(load.count)
  const { postedAt } = await post(system, { prefix, ...load })
  const { arrivals } = await arriving
  return percentiles('way', ways(arrivals, postedAt), [99])['way p99 ms'] ?? Number.NaN
}
