import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startMongoSet } from './mongo.ts'
import { startNatsCluster } from './nats.ts'

/** Runs a NATS cluster of three and a MongoDB replica set of three on this machine until it is interrupted. */
export const runClusters = async (): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'doorbell-clusters-'))
  const nats = await startNatsCluster(folder, { size: 3, sync: '2m' })
  const mongo = await startMongoSet(folder, { size: 3 })
  process.stdout.write(greeting(nats.url, mongo.url))
  await interrupted()
  await Promise.all([nats.stop(), mongo.stop()])
  await rm(folder, { recursive: true, force: true })
}

const greeting = (
  natsUrl: string,
  mongodbUrl: string,
): string => `Three nats-servers and three mongods run. In another terminal:

  NATS_URL=${natsUrl} \\
  MONGODB_URL='${mongodbUrl}' \\
  DOORBELL_STREAM_REPLICAS=3 DOORBELL_WORKERS=2 \\
  DOORBELL_ADMIN_TOKEN=$(openssl rand -hex 24) DOORBELL_ENCRYPTION_KEY=$(openssl rand -base64 32) npm start

Ctrl-C ends them and removes their data.
`

const interrupted = (): Promise<void> =>
  new Promise(resolve => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve())
  })
