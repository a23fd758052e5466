/**
 * Does the least work that a delivery needs, as a limit to compare the service with: an event is posted, published, consumed, signed, posted
 * to the receiver, inserted with the ledger's indexes, and acknowledged, with the headers of a real delivery and the ledger's row. It has no
 * validation, tokens, supervision, look-up, retries or spans. With `BARE_GATHER` it publishes the events of one turn of the event loop in one
 * write to the socket, as the service does (src/streams/publisher.ts). Otherwise it publishes each event as it arrives.
 */
import { createHmac, createSecretKey, randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { AckPolicy, jetstream, jetstreamManager, type JsMsg } from '@nats-io/jetstream'
import { FlattenedSign, generateKeyPair } from 'jose'
import Koa from 'koa'
import { MongoClient } from 'mongodb'
import { connect } from 'nats'
import { Pool } from 'undici'
import { startEmbedded } from '../src/embedded/embedded.ts'

const dataDir = process.env['DOORBELL_DATA_DIR'] ?? '.doorbell'
const say = (line: string) => void process.stderr.write(`${line}\n`)
await mkdir(dataDir, { recursive: true })
const embedded = await startEmbedded({
  dataDir,
  sync: 'interval',
  nats: true,
  mongodb: true,
  progress: say,
  onExit: () => process.exit(1),
})
const connection = await connect({ servers: embedded.natsUrl ?? '' })
const mongo = await MongoClient.connect(embedded.mongodbUrl ?? '')
const rows = mongo.db('bare').collection('rows')
await rows.createIndexes([
  { key: { subscriptionId: 1, nextAttemptAt: 1 }, partialFilterExpression: { open: true } },
  { key: { open: 1, status: 1, reason: 1, createdAt: 1 }, partialFilterExpression: { open: true } },
  { key: { tenant: 1, createdAt: -1, _id: -1 } },
  { key: { expireAt: 1 }, expireAfterSeconds: 0 },
])
const manager = await jetstreamManager(connection)
await manager.streams.add({ name: 'BARE', subjects: ['bare.>'] })
await manager.consumers.add('BARE', { durable_name: 'bare', ack_policy: AckPolicy.Explicit, max_ack_pending: 512 })
const stream = jetstream(connection)
const { privateKey } = await generateKeyPair('ES256')
let target: URL | null = null
let pool: Pool | null = null

let waiting: { row: object; message: JsMsg }[] = []
let writing = false
const write = async () => {
  if (writing) return
  writing = true
  while (waiting.length > 0) {
    const batch = waiting.splice(0, 500)
    await rows.insertMany(
      batch.map(({ row }) => row),
      { ordered: false },
    )
    for (const { message } of batch) message.ack()
  }
  writing = false
}

const secret = createSecretKey(randomBytes(32))
const subscriptionId = `sub_${randomBytes(12).toString('hex')}`
/** There are no spans, but the row has ids as if there were. */
const traceId = randomBytes(16).toString('hex')
const spanId = randomBytes(8).toString('hex')

const deliver = async (message: JsMsg) => {
  const body = message.string()
  const { id, visitId } = JSON.parse(body) as { id: string; visitId: string }
  const at = Date.now()
  const timestamp = Math.floor(at / 1_000)
  const header = {
    alg: 'ES256',
    kid: 'bare',
    typ: 'webhook+jws',
    iss: 'bare',
    aud: subscriptionId,
    iat: timestamp,
    eid: id,
    att: 1,
  }
  const jws = await new FlattenedSign(Buffer.from(body)).setProtectedHeader(header).sign(privateKey)
  const signature = createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64')
  const answer = await pool?.request({
    method: 'POST',
    path: target?.pathname ?? '/',
    headers: {
      'content-type': 'application/json',
      'user-agent': 'bare',
      'webhook-id': id,
      'webhook-timestamp': String(timestamp),
      'webhook-signature': `v1,${signature}`,
      'webhook-jws': `${jws.protected ?? ''}..${jws.signature}`,
      'webhook-attempt': '1',
    },
    body,
  })
  await answer?.body.dump()
  waiting.push({ row: rowOf({ id, visitId, at, sequence: message.seq, status: answer?.statusCode ?? 0 }), message })
  setImmediate(() => void write())
}

interface Delivered {
  readonly id: string
  readonly visitId: string
  readonly at: number
  readonly sequence: number
  readonly status: number
}

/** The row that src/ledger writes after one successful attempt. */
const rowOf = ({ id, visitId, at, sequence, status }: Delivered) => ({
  _id: `${id}.${subscriptionId}`,
  tenant: 'bench',
  partition: 0,
  subscriptionId,
  eventId: id,
  visitId,
  type: 'visit.checked_in',
  streamSequence: sequence,
  status: 'delivered',
  attempts: [{ number: 1, at, tookMs: Date.now() - at, status, response: '', url: target?.href, traceId, spanId }],
  revision: 1,
  traceparent: `00-${traceId}-${spanId}-01`,
  createdAt: at,
  updatedAt: Date.now(),
  expireAt: new Date(at + 1e9),
})

const consume = async () => {
  const consumer = await stream.consumers.get('BARE', 'bare')
  for await (const message of await consumer.consume({ max_messages: 512 })) void deliver(message)
}

let gathered: (() => void)[] = []
const release = () => {
  const all = gathered
  gathered = []
  for (const go of all) go()
}
/** Resolves when all events of the same turn of the event loop have arrived. */
const turn = () =>
  new Promise<void>(resolve => {
    if (gathered.length === 0) setImmediate(release)
    gathered.push(resolve)
  })
const gathers = process.env['BARE_GATHER'] === 'true'

const app = new Koa()
app.use(async context => {
  if (context.path === '/readyz') return void (context.body = 'ok')
  let text = ''
  for await (const chunk of context.req) text += String(chunk)
  const body = JSON.parse(text) as { id?: string; url?: string }
  if (body.url !== undefined) {
    target = new URL(body.url)
    pool = new Pool(target.origin, { connections: 64 })
    void consume()
    context.body = { id: 'bare' }
    return undefined
  }
  if (body.id === undefined) return void (context.body = {})
  if (gathers) await turn()
  await stream.publish('bare.evt', text, { msgID: body.id })
  context.status = 202
  context.body = { id: body.id }
  return undefined
})
const server = app.listen(0, '127.0.0.1', () => {
  say(`Doorbell        http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  say('operator token  none')
})
process.on('SIGTERM', () => {
  void embedded.stop().then(() => process.exit(0))
})
