import { randomBytes } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import type { ExecutionContext } from 'ava'
import { MongoClient } from 'mongodb'
import { loadSettings } from '../../config/load.ts'
import { createLog } from '../../observability/log.ts'
import { eventTypes } from '../../config/event-types/index.ts'
import { type Service, startService } from '../../src/service/service.ts'
import type { ServiceSettings } from '../../src/service/settings.ts'
import { collect } from './collect.ts'
import { checkDescribed } from './described.ts'
import { personalValuesIn } from './personal-values.ts'
import { freshName, mongodbUrl, natsUrl } from './servers.ts'
import './telemetry.ts'

export const adminToken = 'operator-token-of-the-tests'

/** Settings for a service of a test's own: its own database, stream and port, on the run's servers. */
export const testSettings = (change: Partial<ServiceSettings> = {}): ServiceSettings => ({
  ...loadSettings({}),
  port: 0,
  natsUrl: natsUrl(),
  mongodbUrl: mongodbUrl(),
  adminToken,
  encryptionKey: randomBytes(32),
  egressAllow: ['127.0.0.0/8'],
  egressHttp: true,
  database: freshName('test'),
  ...change,
})

/** Lines of the log, for tests that read them. */
export const memoryLog = () => {
  const lines: string[] = []
  return { lines, log: createLog('debug', { write: line => (lines.push(line), collect('log', line)) }) }
}

export interface Answer<T = Record<string, unknown>> {
  readonly status: number
  readonly headers: Headers
  readonly body: T
}

/** A running service with a client for its API. */
export interface Doorbell {
  readonly service: Service
  readonly settings: ServiceSettings
  readonly lines: readonly string[]
  /** Everything that a collection of its database holds. */
  database(collection: string): Promise<object[]>
  call<T = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer<T>>
}

export const startDoorbell = async (t: ExecutionContext, change: Partial<ServiceSettings> = {}): Promise<Doorbell> => {
  const settings = testSettings(change)
  const { lines, log } = memoryLog()
  const service = await startService(settings, log)
  t.teardown(service.stop)
  return { service, settings, lines, call: callOf(service.url), database: name => stored(settings, name) }
}

const stored = async ({ mongodbUrl: url, database }: ServiceSettings, collection: string): Promise<object[]> => {
  const client = new MongoClient(url)
  try {
    return await client.db(database).collection(collection).find().toArray()
  } finally {
    await client.close()
  }
}

export const callOf =
  (base: string) =>
  async <T>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer<T>> => {
    personalValuesIn(body).forEach(value => collect('posted', value))
    const raw = typeof body === 'string' || body instanceof Uint8Array
    const answer = await fetch(base + path, {
      method,
      headers: {
        authorization: `Bearer ${adminToken}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: raw ? (body as string) : JSON.stringify(body) }),
    })
    const text = await answer.text()
    const read = { status: answer.status, headers: answer.headers, body: (text === '' ? null : JSON.parse(text)) as T }
    const contentType = answer.headers.get('content-type') ?? ''
    await checkDescribed(base, { method, path, status: answer.status, contentType, body: read.body })
    return read
  }

/** A tenant with one subscription; answers with the subscription as it was created. */
export const subscribe = async (
  { call }: Pick<Doorbell, 'call'>,
  url: string,
  change: object = {},
  tenant = 'acme',
) => {
  await call('PUT', `/v1/tenants/${tenant}`, { name: tenant })
  const { body, status } = await call<{ id: string; secret: string }>('POST', `/v1/tenants/${tenant}/subscriptions`, {
    url,
    eventTypes: ['visit.checked_in'],
    ...change,
  })
  if (status !== 201) throw new Error(JSON.stringify(body))
  return body
}

/** A check-in as a publisher posts it. */
export const checkIn = (change: object = {}) => ({
  type: 'visit.checked_in',
  visitId: 'visit-1',
  data: eventTypes.find(({ type }) => type === 'visit.checked_in')?.sample,
  ...change,
})

export interface Row {
  readonly id: string
  readonly status: string
  readonly reason?: string
  readonly traceId: string
  readonly attempts: readonly { number: number; status?: number; error?: string; traceId: string }[]
}

/** The row of a delivery once it satisfies `wanted`: asks again until then. */
export const rowWhen = async (
  { call }: Pick<Doorbell, 'call'>,
  id: string,
  wanted: (row: Row) => boolean = row => row.status === 'delivered',
  tenant = 'acme',
): Promise<Row> => {
  for (;;) {
    const { status, body } = await call<Row>('GET', `/v1/tenants/${tenant}/deliveries/${id}`)
    if (status === 200 && wanted(body)) return body
    await setImmediate()
  }
}
