import { startExporting } from './exporting.ts'
import { keep, transposed } from './figures.ts'
import { post, subscribe } from './poster.ts'
import { startReceiver } from './receivers.ts'
import { runBurst } from './run-burst.ts'

const events = 10_000
const warmUp = 2_000
/** Enough for every worker to have some. */
const tenants = Array.from({ length: 32 }, (_, n) => `bench-${n}`)

/** Compares one process with the API and one or two worker processes, on the same work. `node` is the API's process. */
export const workers = async (): Promise<void> => {
  const results = {
    'one process': await measure({}),
    'API and 2 workers': await measure({ DOORBELL_WORKERS: '2' }),
  }
  process.stdout.write(`\nworkers: ${events} check-ins of ${tenants.length} tenants\n`)
  console.table(transposed(results))
  await keep('workers', { events, tenants: tenants.length, results })
}

const measure = async (environment: Readonly<Record<string, string>>) => {
  const system = await startExporting({ DOORBELL_SYNC: 'interval', ...environment })
  const receiver = await startReceiver()
  try {
    for (const tenant of tenants) await subscribe(system, receiver.url, tenant)
    await post(system, { prefix: 'warm', count: warmUp, tenants })
    await receiver.arrived(warmUp)
    return await runBurst(system, receiver, { prefix: 'evt', count: events, tenants })
  } finally {
    receiver.stop()
    await system.stop()
  }
}
