/** `npm run clusters`: a NATS cluster of three and a MongoDB replica set of three on this machine, until Ctrl-C. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startMongoSet } from './mongo.ts'
import { startNatsCluster } from './nats.ts'

const folder = await mkdtemp(join(tmpdir(), 'doorbell-clusters-'))
const nats = await startNatsCluster(folder, { size: 3, sync: '2m' })
const mongo = await startMongoSet(folder, { size: 3 })
process.stdout.write(
  [
    'Three nats-servers and three mongods run. In another terminal:',
    '',
    `  NATS_URL=${nats.url} \\`,
    `  MONGODB_URL='${mongo.url}' \\`,
    '  DOORBELL_STREAM_REPLICAS=3 DOORBELL_WORKERS=2 \\',
    '  DOORBELL_ADMIN_TOKEN=$(openssl rand -hex 24) DOORBELL_ENCRYPTION_KEY=$(openssl rand -base64 32) npm start',
    '',
    'Ctrl-C ends them and removes their data.',
    '',
  ].join('\n'),
)
const end = async () => {
  await Promise.all([nats.stop(), mongo.stop()])
  await rm(folder, { recursive: true, force: true })
  process.exit(0)
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => void end())
