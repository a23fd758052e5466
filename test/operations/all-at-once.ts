import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { prepareMongoSet } from '../../tools/clusters/mongo.ts'
import { prepareNatsCluster } from '../../tools/clusters/nats.ts'
import { type ServiceProcess, startProcess } from '../support/service-process.ts'

/** An API and two workers, with three nats-servers and three mongods of their own. */
export interface Whole {
  readonly api: ServiceProcess
  readonly processes: readonly ServiceProcess[]
  stop(): Promise<void>
}

/** Starts all nine processes at the same instant, on fresh data, and resolves when each has said that it can be used. */
export const startAllAtOnce = async (): Promise<Whole> => {
  const folder = await mkdtemp(join(tmpdir(), 'doorbell-at-once-'))
  const [nats, mongo] = [
    await prepareNatsCluster(folder, { size: 3, sync: '2m' }),
    await prepareMongoSet(folder, { size: 3 }),
  ]
  const environment = {
    NATS_URL: nats.url,
    MONGODB_URL: mongo.url,
    DOORBELL_STREAM_REPLICAS: '3',
    DOORBELL_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
    PUBLIC_URL: 'http://doorbell.test',
  }
  const servers = Promise.all([nats.start(), mongo.start()])
  const starting = (['api', 'worker', 'worker'] as const).map(role =>
    startProcess({ ...environment, DOORBELL_ROLE: role }),
  )
  const stopServers = async () => {
    await servers.catch(() => undefined)
    await Promise.all([nats.stop(), mongo.stop()])
    await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
  }
  const begun = await Promise.allSettled(starting)
  const processes = begun.flatMap(each => (each.status === 'fulfilled' ? [each.value] : []))
  const stop = async () => {
    processes.forEach(({ child }) => child.kill('SIGTERM'))
    await Promise.all(processes.map(({ ended }) => ended))
    await stopServers()
  }
  const failed = begun.find(each => each.status === 'rejected')
  const [api] = processes
  if (failed === undefined && api !== undefined) return { api, processes, stop }
  await stop()
  throw failed?.reason
}
