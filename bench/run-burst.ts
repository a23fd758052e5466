import { percentiles, round, usage, ways } from './figures.ts'
import { post, type PostOptions } from './poster.ts'
import type { BenchReceiver } from './receivers.ts'
import type { BenchSystem } from './system.ts'

export type BurstOptions = Omit<PostOptions, 'perSecond'> & {
  /** Deliveries of each event. Default: 1 */
  readonly deliveriesPerEvent?: number
}

/** Posts as fast as 32 connections can, and waits for the last delivery. Reports rates, latencies, and the CPU of every process. */
export const runBurst = async (
  system: BenchSystem,
  receiver: BenchReceiver,
  { deliveriesPerEvent = 1, ...options }: BurstOptions,
) => {
  const { count } = options
  const before = await usage(system)
  const startedAt = performance.now()
  const arriving = receiver.arrived(count * deliveriesPerEvent)
  const { callUs, postedAt } = await post(system, options)
  const acceptedMs = performance.now() - startedAt
  const { arrivals, duplicates } = await arriving
  const deliveredMs = performance.now() - startedAt
  const after = await usage(system)
  const spent = Object.entries(after.cpu).map(([name, ms]) => [name, (ms - (before.cpu[name] ?? 0)) / count] as const)
  return {
    'accepted/s': Math.round(count / (acceptedMs / 1_000)),
    'delivered/s': Math.round((count * deliveriesPerEvent) / (deliveredMs / 1_000)),
    ...percentiles('call', callUs),
    ...percentiles('publish to receive', ways(arrivals, postedAt)),
    ...Object.fromEntries(spent.map(([name, ms]) => [`${name} CPU ms/event`, round(ms)])),
    'CPU ms/event': round(spent.reduce((sum, [, ms]) => sum + ms, 0)),
    ...Object.fromEntries(Object.entries(after.memory).map(([name, mib]) => [`${name} peak MiB`, Math.round(mib)])),
    duplicates,
  }
}
