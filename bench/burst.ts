import { keep, percentiles, round, transposed, usage, ways } from './figures.ts'
import { post, subscribe } from './poster.ts'
import { startReceiver } from './receivers.ts'
import { startSystem } from './system.ts'

const events = 10_000
const warmUp = 500

/** 10,000 check-ins over 32 connections to one subscription with a bare local receiver, in both sync modes. */
export const burst = async (): Promise<void> => {
  const results = { always: await measure('always'), interval: await measure('interval') }
  process.stdout.write(`\nburst: ${events} check-ins over 32 connections, one subscription\n`)
  console.table(transposed(results))
  await keep('burst', { events, results })
}

const measure = async (sync: 'always' | 'interval') => {
  const system = await startSystem({ DOORBELL_SYNC: sync })
  const receiver = await startReceiver()
  try {
    await subscribe(system, receiver.url)
    await post(system, { prefix: 'warm', count: warmUp })
    await receiver.arrived(warmUp)
    const before = await usage(system)
    const startedAt = performance.now()
    const arriving = receiver.arrived(events)
    const { callUs, postedAt } = await post(system, { prefix: 'evt', count: events })
    const acceptedMs = performance.now() - startedAt
    const { arrivals, duplicates } = await arriving
    const deliveredMs = performance.now() - startedAt
    const after = await usage(system)
    const cpu = Object.fromEntries(
      Object.entries(after.cpu).map(([name, ms]) => [
        `${name} CPU ms/event`,
        round((ms - (before.cpu[name] ?? 0)) / events),
      ]),
    )
    const memory = Object.fromEntries(
      Object.entries(after.memory).map(([name, mib]) => [`${name} peak MiB`, Math.round(mib)]),
    )
    return {
      'accepted/s': Math.round(events / (acceptedMs / 1_000)),
      'delivered/s': Math.round(events / (deliveredMs / 1_000)),
      ...percentiles('call', callUs),
      ...percentiles('publish to receive', ways(arrivals, postedAt)),
      ...cpu,
      'CPU ms/event': round(Object.values(cpu).reduce((sum, ms) => sum + ms, 0)),
      ...memory,
      duplicates,
    }
  } finally {
    receiver.stop()
    await system.stop()
  }
}
