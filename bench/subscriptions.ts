import { setTimeout as wait } from 'node:timers/promises'
import { keep, percentiles, round, ways } from './figures.ts'
import { heapMiB, inspected } from './inspector.ts'
import { call, post } from './poster.ts'
import { peakMiB, residentMiB } from './processes.ts'
import { startReceiver } from './receivers.ts'
import { type BenchSystem, startSystem } from './system.ts'

const tenants = Array.from({ length: 1_000 }, (_, n) => `tenant-${n}`)
const perTenant = 10
const count = tenants.length * perTenant
const callers = 16
/** The worker dismisses idle supervisors every 30 s: two rounds, and a margin. */
const untilDismissedMs = 65_000
const environment = { DOORBELL_SYNC: 'interval', ...inspected }

/** Runs 10,000 subscriptions of 1,000 tenants in one process. Measures its start, and its memory before, during and after deliveries of each. */
export const subscriptions = async (): Promise<void> => {
  const receiver = await startReceiver()
  let system = await startSystem(environment)
  try {
    const again = async () => {
      await system.end()
      system = await startSystem(environment, system.dataDir)
      return { 'ready ms': Math.round(system.readyMs), ...(await memoryOf(system)) }
    }
    const none = await again()
    const createdMs = await timed(() => create(system, receiver.url))
    const loaded = await again()

    const startedAt = performance.now()
    const arriving = receiver.arrived(count)
    const { postedAt } = await post(system, {
      prefix: 'wake',
      count,
      tenants,
      dataOf: n => ({ entrance: entranceOf(n) }),
    })
    const { arrivals, duplicates } = await arriving
    const tookMs = performance.now() - startedAt
    // The worker may have dismissed some in between, so the peak shows what all of them need.
    const working = await memoryOf(system)
    await wait(untilDismissedMs)
    const idle = await memoryOf(system)

    const stages = { 'no subscriptions': none, '10,000 loaded': loaded, 'all have worked': working, 'idle again': idle }
    const wake = {
      'created/s through the API': Math.round(count / (createdMs / 1_000)),
      'events/s': Math.round(count / (tookMs / 1_000)),
      ...percentiles('publish to receive', ways(arrivals, postedAt)),
      duplicates,
    }
    process.stdout.write(`\nsubscriptions: ${count} of ${tenants.length} tenants, ${count} events, one to each\n`)
    console.table(stages)
    console.table(wake)
    await keep('subscriptions', { subscriptions: count, tenants: tenants.length, stages, wake })
  } finally {
    receiver.stop()
    await system.stop()
  }
}

/** Each of ten events of a tenant goes to another of its subscriptions. */
const entranceOf = (n: number): string => `Entrance ${Math.floor(n / tenants.length)}`

const create = async (system: BenchSystem, url: string): Promise<void> => {
  const waiting = [...tenants]
  const work = async () => {
    for (let tenant = waiting.pop(); tenant !== undefined; tenant = waiting.pop()) {
      await call(system, 'PUT', `/v1/tenants/${tenant}`, { name: tenant })
      for (let n = 0; n < perTenant; n += 1)
        await call(system, 'POST', `/v1/tenants/${tenant}/subscriptions`, {
          url: `${url}${tenant}/${n}`,
          eventTypes: ['visit.checked_in'],
          filter: { entrance: [`Entrance ${n}`] },
        })
    }
  }
  await Promise.all(Array.from({ length: callers }, work))
}

const timed = async (work: () => Promise<void>): Promise<number> => {
  const startedAt = performance.now()
  await work()
  return performance.now() - startedAt
}

/** Measures resident memory first, since the collection changes it. */
const memoryOf = async ({ pids, inspectorUrl }: BenchSystem) => ({
  'node MiB': Math.round(await residentMiB(pids.node)),
  'node peak MiB': Math.round(await peakMiB(pids.node)),
  'heap MiB': round(await heapMiB(inspectorUrl)),
  'nats-server MiB': Math.round(await residentMiB(pids['nats-server'])),
  'mongod MiB': Math.round(await residentMiB(pids.mongod)),
})
