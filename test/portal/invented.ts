/** A service with invented data, for screenshots and for work on the page. `node test/portal/invented.ts` runs it on port 3111. */
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MongoClient } from 'mongodb'
import { loadSettings } from '../../config/load.ts'
import { createLog } from '../../observability/log.ts'
import { tookIndex } from '../../src/domain/activity.ts'
import { startEmbedded } from '../../src/embedded/embedded.ts'
import { createVerifier, type Verifier } from '../../src/receiver/index.ts'
import { startService } from '../../src/service/service.ts'
import '../support/telemetry.ts'

export interface Invented {
  readonly url: string
  readonly token: string
  readonly tenant: string
  /** The ids of its subscriptions by their purpose. */
  readonly subscriptions: Readonly<Record<Purpose, string>>
  /** The address of the endpoints, which a screenshot can replace. */
  readonly receiverUrl: string
  stop(): Promise<void>
}

export type Purpose = 'access' | 'notify' | 'badges' | 'analytics' | 'parking'

const tenant = 'acme'
const token = 'operator-token-of-the-screenshots'
const minuteMs = 60_000
const names = [
  'Anna Jansen',
  'Tom Peeters',
  'Lucía Romero',
  'Jonas Weber',
  'Mei Tanaka',
  'Omar Haddad',
  'Sofie Claes',
  'Ivo Novák',
]
const sites = ['brussels-hq', 'ghent', 'antwerp']

const subscriptions: Readonly<Record<Purpose, object>> = {
  access: {
    description: 'Access control: opens the turnstile',
    eventTypes: ['visit.checked_in', 'visit.checked_out'],
    ordering: 'visit',
  },
  notify: {
    description: 'Notifies hosts of arrivals',
    eventTypes: ['visit.checked_in'],
    propagateTrace: true,
  },
  badges: {
    description: 'Badge printer at the front desk',
    eventTypes: ['visit.checked_in'],
    filter: { site: ['brussels-hq'] },
    retry: { delaysMs: [2_000, 30_000, 120_000, 600_000] },
  },
  analytics: { description: 'Visitor analytics', eventTypes: ['visit.*'], payload: 'thin' },
  parking: {
    description: 'Parking reservations',
    eventTypes: ['visit.created', 'visit.cancelled'],
    requireVerification: true,
  },
}

interface Arrival {
  readonly path: string
  readonly count: number
  readonly headers: IncomingHttpHeaders
  readonly body: Uint8Array
}

/** The response of each endpoint: most succeed, `notify` fails now and then, `badges` always, and `parking` is not ready. */
const answer = async (
  arrival: Arrival,
  verifiers: ReadonlyMap<string, Verifier>,
): Promise<readonly [number, string]> => {
  const { path, count, headers, body } = arrival
  const verifier = verifiers.get(path)
  if (verifier !== undefined) {
    const event = await verifier.verify(headers, body).catch(() => null)
    if (event === null) return [401, '{"error":"wrong signature"}']
    if (event.challenge !== undefined) return [200, JSON.stringify({ challenge: event.challenge })]
  }
  if (path === '/badges') return [503, '{"error":"printer offline","queue":42}']
  if (path === '/notify' && count % 7 === 3) return [502, 'upstream timed out']
  if (path === '/parking') return [404, 'not found']
  return [200, '{"received":true}']
}

const startReceiver = async () => {
  const counts = new Map<string, number>()
  const verifiers = new Map<string, Verifier>()
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const path = request.url ?? ''
      const count = (counts.get(path) ?? 0) + 1
      counts.set(path, count)
      void answer({ path, count, headers: request.headers, body: Buffer.concat(chunks) }, verifiers).then(
        ([status, body]) => response.writeHead(status, { 'content-type': 'application/json' }).end(body),
      )
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server, verifiers }
}

type Call = <T>(method: string, path: string, body?: unknown) => Promise<T>

const callAt =
  (base: string): Call =>
  async <T>(method: string, path: string, body?: unknown) => {
    const response = await fetch(base + path, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
    return (text === '' ? null : JSON.parse(text)) as T
  }

/** The visits of a morning: all planned and checked in, some checked out. */
const visits = Array.from({ length: 12 }, (_, index) => {
  const [firstName = '', lastName = ''] = (names[index % names.length] ?? '').split(' ')
  const [hostFirst = '', hostLast = ''] = (names[(index + 3) % names.length] ?? '').split(' ')
  const data = {
    visitor: { id: `visitor-${100 + index}`, firstName, lastName, company: 'Example BV' },
    host: { id: `host-${index % 5}`, name: `${hostFirst} ${hostLast}` },
    site: sites[index % 5 === 4 ? 1 : index % 3 === 2 ? 2 : 0],
  }
  return { visitId: `visit-${2_040 + index}`, data }
})

const postVisits = async (call: Call): Promise<void> => {
  const at = new Date().toISOString()
  const events = visits.flatMap(({ visitId, data }, index) => [
    { type: 'visit.created', visitId, data: { ...data, scheduledAt: at } },
    { type: 'visit.checked_in', visitId, data: { ...data, checkedInAt: at, badge: `B-${200 + index}` } },
    ...(index % 3 === 0 ? [{ type: 'visit.checked_out', visitId, data: { ...data, checkedOutAt: at } }] : []),
  ])
  await call('POST', `/v1/tenants/${tenant}/events/batch`, { events })
}

/** Stores an hour of attempts, since a plot needs more than the minute for which the service has run. */
const inventHour = async (mongodbUrl: string, database: string, id: string, purpose: Purpose): Promise<void> => {
  const client = new MongoClient(mongodbUrl)
  const thisMinute = Math.floor(Date.now() / minuteMs) * minuteMs
  const shape = {
    access: [90, 0, 46],
    notify: [70, 0.1, 310],
    badges: [40, 1, 80],
    analytics: [20, 0, 21],
    parking: [0, 0, 0],
  }
  const [most = 0, failing = 0, usualMs = 0] = shape[purpose]
  const documents = Array.from({ length: 58 }, (_, ago) => {
    const at = thisMinute - (ago + 1) * minuteMs
    const wave = 0.55 + 0.45 * Math.sin(ago / 7 + most) * Math.cos(ago / 3.1 + usualMs)
    const attempts = Math.round(most * wave)
    const spread = [0.7, 1, 1, 1.3, 2.2].map(factor =>
      String(tookIndex(usualMs * factor * (0.75 + wave * Math.abs(Math.sin(ago))))),
    )
    const took = Object.fromEntries(spread.map((bound, index) => [bound, Math.max(index === 1 ? attempts : 1, 1)]))
    const failed = purpose === 'badges' ? (ago < 12 ? attempts : 0) : Math.round(attempts * failing * ((ago % 4) / 2))
    const expireAt = new Date(at + 24 * 60 * minuteMs)
    return { _id: `${id}.${at}` as never, tenant, subscriptionId: id, at, attempts, failed, took, expireAt }
  }).filter(({ attempts }) => attempts > 0)
  try {
    if (documents.length > 0) await client.db(database).collection('activity').insertMany(documents)
  } finally {
    await client.close()
  }
}

export const startInvented = async (port = 0): Promise<Invented> => {
  const dataDir = await mkdtemp(join(tmpdir(), 'doorbell-invented-'))
  const say = (line: string) => void process.stderr.write(`# ${line}\n`)
  const servers = await startEmbedded({
    dataDir,
    sync: 'interval',
    nats: true,
    mongodb: true,
    progress: say,
    onExit: (name, detail) => say(`${name} ended: ${detail}`),
  })
  const mongodbUrl = servers.mongodbUrl ?? ''
  const settings = {
    ...loadSettings({}),
    port,
    natsUrl: servers.natsUrl ?? '',
    mongodbUrl,
    adminToken: token,
    encryptionKey: randomBytes(32),
    egressAllow: ['127.0.0.0/8'],
    egressHttp: true,
    jaegerUrl: 'http://127.0.0.1:16686',
    database: 'invented',
  }
  const service = await startService(settings, createLog('fatal', { write: () => undefined }))
  const receiver = await startReceiver()
  const call = callAt(service.url)

  await call('PUT', `/v1/tenants/${tenant}`, { name: 'Acme Facilities' })
  await call('PUT', '/v1/tenants/globex', { name: 'Globex' })
  const made = {} as Record<Purpose, string>
  for (const purpose of ['access', 'notify', 'badges', 'analytics', 'parking'] as const) {
    const url = `${receiver.url}/${purpose}`
    const body = { url, ...subscriptions[purpose] }
    const { id, secret } = await call<{ id: string; secret: string }>(
      'POST',
      `/v1/tenants/${tenant}/subscriptions`,
      body,
    )
    made[purpose] = id
    if (purpose === 'access')
      receiver.verifiers.set('/access', createVerifier({ issuer: service.url, subscriptionId: id, secret }))
    await inventHour(mongodbUrl, settings.database, made[purpose], purpose)
  }
  const at = (purpose: Purpose) => `/v1/tenants/${tenant}/subscriptions/${made[purpose]}`
  await call('POST', `/v1/tenants/${tenant}/tokens`, { description: 'Front desk, publishes', scopes: ['events:write'] })
  await call('POST', `/v1/tenants/${tenant}/tokens`, {
    description: 'Reporting',
    scopes: ['subscriptions:read', 'deliveries:read'],
    expiresAt: new Date(Date.now() + 90 * 24 * 60 * minuteMs).toISOString(),
  })
  await call('POST', `${at('access')}/verify`)
  await call('POST', `${at('analytics')}/pause`)
  await postVisits(call)
  for (;;) {
    const { circuit } = await call<{ circuit: string }>('GET', at('badges'))
    if (circuit === 'open') break
    await postVisits(call)
  }
  return {
    url: service.url,
    token,
    tenant,
    subscriptions: made,
    receiverUrl: receiver.url,
    stop: async () => {
      await service.stop()
      receiver.server.closeAllConnections()
      receiver.server.close()
      await servers.stop()
      await rm(dataDir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
    },
  }
}

if (import.meta.main) {
  const invented = await startInvented(3111)
  process.stdout.write(`${invented.url}/  operator token: ${invented.token}\n`)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void invented.stop())
}
