import { randomBytes } from 'node:crypto'
import type { ExecutionContext } from 'ava'
import { loadSettings } from '../../config/load.ts'
import { createLog } from '../../observability/log.ts'
import { eventTypes } from '../../config/event-types/index.ts'
import { type Service, startService } from '../../src/service/service.ts'
import type { ServiceSettings } from '../../src/service/settings.ts'
import { collect } from './collect.ts'
import { onDatabase, takeDatabase } from './databases.ts'
import { checkDescribed } from './described.ts'
import { personalValuesIn } from './personal-values.ts'
import { mongodbUrl, natsUrl } from './servers.ts'
import './telemetry.ts'
import { until } from './until.ts'

export const adminToken = 'operator-token-of-the-tests'

/** Settings for a service on the run's servers, with any free port. */
export const testSettings = (change: Partial<ServiceSettings> & { readonly database: string }): Settings => ({
  ...loadSettings({}),
  port: 0,
  natsUrl: natsUrl(),
  mongodbUrl: mongodbUrl(),
  adminToken,
  encryptionKey: randomBytes(32),
  egressAllow: ['127.0.0.0/8'],
  egressHttp: true,
  ...change,
})

/** A log that keeps its lines, for tests that read them. */
export const memoryLog = () => {
  const lines: string[] = []
  return { lines, log: createLog('debug', { write: line => (lines.push(line), collect('log', line)) }) }
}

type Settings = ServiceSettings & { readonly database: string }

export interface Answer<T = Record<string, unknown>> {
  readonly status: number
  readonly headers: Headers
  readonly body: T
}

/** A running service with a client for its API. */
export interface Doorbell {
  readonly service: Service
  readonly settings: Settings
  /** What it has logged, as JSON. */
  readonly lines: readonly string[]
  /** All documents of a collection of its database. */
  database(collection: string): Promise<object[]>
  call<T = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer<T>>
}

/**
 * Starts a service in the test's process and stops it after the test. It has a database and a stream to itself; with the `settings` of
 * another one it is a second process of that fleet, or the same one started again.
 */
export const startDoorbell = async (t: ExecutionContext, change: Partial<ServiceSettings> = {}): Promise<Doorbell> => {
  const settings = testSettings({ ...change, database: change.database ?? takeDatabase(t) })
  const { lines, log } = memoryLog()
  const service = await startService(settings, log)
  t.teardown(service.stop)
  const database = (collection: string) =>
    onDatabase<object[]>(settings.database, db => db.collection(collection).find().toArray())
  return { service, settings, lines, call: callOf(service.url), database }
}

/** A client for an API, as its operator unless the headers say otherwise. Each answer must be one that /openapi.json describes. */
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

/** Creates a tenant and one subscription of it; returns the subscription with its secret. */
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
  readonly attempts: readonly {
    number: number
    status?: number
    error?: string
    detail?: string
    location?: string
    traceId: string
  }[]
}

/** The row of a delivery as soon as it is the `wanted` one, which is a delivered one by default. */
export const rowWhen = async (
  { call }: Pick<Doorbell, 'call'>,
  id: string,
  wanted: (row: Row) => boolean = row => row.status === 'delivered',
  tenant = 'acme',
): Promise<Row> => {
  const get = () => call<Row>('GET', `/v1/tenants/${tenant}/deliveries/${id}`)
  return (await until(get, ({ status, body }) => status === 200 && wanted(body))).body
}
