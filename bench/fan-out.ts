import { startExporting } from './exporting.ts'
import { keep, round, transposed } from './figures.ts'
import { post, subscribe } from './poster.ts'
import { startReceiver } from './receivers.ts'
import { runBurst } from './run-burst.ts'

const events = 3_000
const warmUp = 1_000

/** Sends the same events to one subscription and to ten, to find the cost of a further delivery of an event. */
export const fanOut = async (): Promise<void> => {
  const results = { '1 subscription': await measure(1), '10 subscriptions': await measure(10) }
  process.stdout.write(`\nfan-out: ${events} check-ins\n`)
  console.table(transposed(results))
  await keep('fan-out', { events, results })
}

const measure = async (subscriptions: number) => {
  const system = await startExporting({ DOORBELL_SYNC: 'interval' })
  const receiver = await startReceiver()
  try {
    for (let n = 0; n < subscriptions; n += 1) await subscribe(system, `${receiver.url}${n}`)
    await post(system, { prefix: 'warm', count: warmUp })
    await receiver.arrived(warmUp * subscriptions)
    const figures = await runBurst(system, receiver, {
      prefix: 'evt',
      count: events,
      deliveriesPerEvent: subscriptions,
    })
    return { ...figures, 'CPU ms/delivery': round(figures['CPU ms/event'] / subscriptions) }
  } finally {
    receiver.stop()
    await system.stop()
  }
}
