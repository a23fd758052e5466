import { startExporting } from './exporting.ts'
import { keep, percentiles, usage, ways } from './figures.ts'
import { post, subscribe } from './poster.ts'
import { startReceiver } from './receivers.ts'

const perSecond = 20
const events = 600
const warmUp = 3_000

/** Posts twenty check-ins a second, one at a time, to measure the latency without load, in both sync modes. */
export const idle = async (): Promise<void> => {
  const results = { interval: await measure('interval'), always: await measure('always') }
  process.stdout.write(`\nidle: ${events} check-ins, ${perSecond} a second\n`)
  console.table(results)
  await keep('idle', { events, perSecond, results })
}

const measure = async (sync: 'always' | 'interval') => {
  const system = await startExporting({ DOORBELL_SYNC: sync })
  const receiver = await startReceiver()
  try {
    await subscribe(system, receiver.url)
    await post(system, { prefix: 'warm', count: warmUp })
    await receiver.arrived(warmUp)
    const before = await usage(system)
    const arriving = receiver.arrived(events)
    const { callUs, postedAt } = await post(system, { prefix: 'evt', count: events, perSecond })
    const { arrivals } = await arriving
    const after = await usage(system)
    const spentMs = Object.entries(after.cpu).reduce((sum, [name, ms]) => sum + ms - (before.cpu[name] ?? 0), 0)
    return {
      ...percentiles('call', callUs),
      ...percentiles('publish to receive', ways(arrivals, postedAt)),
      'CPU, % of a core': Math.round((spentMs / ((events / perSecond) * 1_000)) * 100),
    }
  } finally {
    receiver.stop()
    await system.stop()
  }
}
