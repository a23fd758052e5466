import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { MongoClient } from 'mongodb'
import { type MongoSet, startMongoSet } from '../../tools/clusters/mongo.ts'
import { type NatsCluster, type NatsOptions, startNatsCluster } from '../../tools/clusters/nats.ts'
import { checkIn, subscribe } from '../support/doorbell.ts'
import { type ServiceProcess, startProcess } from '../support/service-process.ts'
import { closedPort, type FaultReceiver, startFaultReceiver } from './receiver.ts'

/** Servers, a receiver and Doorbell as processes of their own, so that each can be killed alone. */
export interface Stage {
  readonly nats: NatsCluster
  readonly mongo: MongoSet
  readonly receiver: FaultReceiver
  /** Starts a Doorbell process; with the same port when started again. */
  start(role?: 'all' | 'api' | 'worker', environment?: Readonly<Record<string, string>>): Promise<ServiceProcess>
  /** Tenant and subscription; answers with the subscription's id. */
  subscribe(change?: object): Promise<string>
  /** Posts check-ins over 32 connections, each until it is answered 202. Resolves with how often one was refused before. */
  post(count: number): Promise<{ readonly refused: number }>
  /** Event id → when it was answered 202, ms. */
  readonly accepted: ReadonlyMap<string, number>
  /** Rows by status, with what was attempted without success. */
  rows(): Promise<{
    readonly statuses: Readonly<Record<string, number>>
    readonly failedAttempts: number
    total: number
  }>
  /** Waits until every one of so many events is final. */
  settled(count: number): Promise<void>
  /** Most memory that any Doorbell process held, MiB. */
  peakMiB(): Promise<number>
  stop(): Promise<void>
}

export interface StageOptions {
  readonly nodes?: 1 | 3
  readonly nats?: Partial<NatsOptions>
  /** Where Doorbell reaches its servers, if not directly. */
  readonly via?: (nats: NatsCluster, mongo: MongoSet) => Promise<{ natsUrl: string; mongodbUrl: string }>
}

/** Before the test's own limit, which could not say what is missing. */
const settleWithinMs = 150_000

export const setStage = async ({ nodes = 1, nats: natsOptions = {}, via }: StageOptions = {}): Promise<Stage> => {
  const folder = await mkdtemp(join(tmpdir(), 'doorbell-faults-'))
  const nats = await startNatsCluster(folder, { size: nodes, sync: nodes === 1 ? 'always' : '2m', ...natsOptions })
  const mongo = await startMongoSet(folder, { size: nodes })
  const urls = via === undefined ? { natsUrl: nats.url, mongodbUrl: mongo.url } : await via(nats, mongo)
  const receiver = await startFaultReceiver()
  const client = new MongoClient(mongo.url, { serverSelectionTimeoutMS: 30_000, readPreference: 'primary' })
  const deliveries = client.db('doorbell').collection('deliveries')
  const port = await closedPort()
  const encryptionKey = randomBytes(32).toString('base64')
  const running = new Set<ServiceProcess>()
  const peaks = new Map<number, number>()
  const watch = setInterval(() => void notePeaks(running, peaks), 500)

  const stopped = new AbortController()
  const accepted = new Map<string, number>()
  const base = `http://127.0.0.1:${port}`
  const statuses = async () =>
    Object.fromEntries(
      (
        await deliveries
          .aggregate<{ _id: string; n: number }>([{ $group: { _id: '$status', n: { $sum: 1 } } }])
          .toArray()
      ).map(({ _id, n }) => [_id, n]),
    )

  return {
    nats,
    mongo,
    receiver,
    start: async (role = 'all', environment = {}) => {
      const started = await startProcess({
        NATS_URL: urls.natsUrl,
        MONGODB_URL: urls.mongodbUrl,
        DOORBELL_STREAM_REPLICAS: String(nodes),
        DOORBELL_ENCRYPTION_KEY: encryptionKey,
        DOORBELL_ROLE: role,
        DOORBELL_LOG_LEVEL: 'warn',
        PUBLIC_URL: 'http://doorbell.test',
        PORT: role === 'worker' ? '0' : String(port),
        ...environment,
      })
      running.add(started)
      void started.ended.then(() => running.delete(started))
      return started
    },
    subscribe: async (change = {}) => {
      const [any] = running
      if (any === undefined) throw new Error('no Doorbell runs')
      const [api] = [...running].filter(({ url }) => url === base)
      return (await subscribe(api ?? any, receiver.url, change)).id
    },
    accepted,
    post: count => postAll(base, count, accepted, stopped.signal),
    rows: async () => {
      const found = await statuses()
      const failed = await deliveries
        .aggregate<{ n: number }>([
          { $unwind: '$attempts' },
          { $match: { $or: [{ 'attempts.error': { $exists: true } }, { 'attempts.status': { $gte: 300 } }] } },
          { $count: 'n' },
        ])
        .toArray()
      const total = Object.values(found).reduce((sum, n) => sum + n, 0)
      return { statuses: found, failedAttempts: failed[0]?.n ?? 0, total }
    },
    settled: async count => {
      for (const since = Date.now(); ;) {
        const found = await statuses().catch((error: unknown) => ({ error: String(error) }))
        const { pending = 0, held = 0, ...final } = 'error' in found ? {} : found
        const done = Object.values(final).reduce((sum, n) => sum + n, 0)
        if (pending + held === 0 && done >= count) return
        if (Date.now() - since > settleWithinMs) {
          const lastLines = [...running].map(({ output }) => output().trim().split('\n').slice(-3).join('\n'))
          const seen = JSON.stringify({ rows: found, accepted: accepted.size, taken: receiver.taken.size })
          throw new Error([`not settled after ${settleWithinMs / 1_000} s: ${seen}`, ...lastLines].join('\n'))
        }
        await wait(100)
      }
    },
    peakMiB: async () => {
      await notePeaks(running, peaks)
      return Math.round(Math.max(0, ...peaks.values()))
    },
    stop: async () => {
      stopped.abort()
      clearInterval(watch)
      await Promise.all(
        [...running].map(each => {
          each.child.kill('SIGTERM')
          return each.ended
        }),
      )
      await client.close()
      await receiver.stop()
      await Promise.all([nats.stop(), mongo.stop()])
      await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
    },
  }
}

const notePeaks = async (running: ReadonlySet<ServiceProcess>, peaks: Map<number, number>): Promise<void> => {
  for (const { child } of running) {
    const status = await readFile(`/proc/${child.pid}/status`, 'utf8').catch(() => '')
    const mib = Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1_024
    if (mib > 0) peaks.set(child.pid ?? 0, mib)
  }
}

const connections = 32

/** What is not answered 202 is posted again with the same id: only then it counts as accepted. */
const postAll = async (
  base: string,
  count: number,
  accepted: Map<string, number>,
  stopped: AbortSignal,
): Promise<{ refused: number }> => {
  let next = 0
  let refused = 0
  const headers = { authorization: 'Bearer operator-token-of-the-tests', 'content-type': 'application/json' }
  const postOne = async (n: number): Promise<void> => {
    const body = JSON.stringify(checkIn({ id: `evt-${n}`, visitId: `visit-${n}` }))
    for (;;) {
      const signal = AbortSignal.timeout(8_000)
      const answer = await fetch(`${base}/v1/tenants/acme/events`, { method: 'POST', headers, body, signal }).catch(
        () => null,
      )
      await answer?.text().catch(() => '')
      if (answer?.status === 202) accepted.set(`evt-${n}`, Date.now())
      if (answer?.status === 202 || stopped.aborted) return
      refused += 1
      await wait(100)
    }
  }
  const work = async () => {
    while (next < count) await postOne(next++)
  }
  await Promise.all(Array.from({ length: connections }, work))
  return { refused }
}
