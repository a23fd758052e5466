import { noteServerTime } from '../format/server-clock.ts'
import { bearerToken, endSession, tenantId } from '../session/session-state.ts'
import { ApiProblem, type Problem, unreachable } from './problem.ts'

export interface Wanted {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly body?: unknown
  readonly query?: Readonly<Record<string, string | number | undefined>>
  /** The ETag of what was read: the API refuses the change if another person has changed it since. */
  readonly ifMatch?: string | undefined
  /** Makes a POST safe to repeat: the API runs it once for each key. */
  readonly idempotencyKey?: string
  readonly signal?: AbortSignal
  /** The token to sign in with, before there is a session. */
  readonly token?: string
}

export interface Answer<T> {
  readonly body: T
  readonly etag: string | null
}

/** Calls the API. Throws ApiProblem; a token that is no longer valid ends the session. */
export const call = async <T>(path: string, wanted: Wanted = {}): Promise<Answer<T>> => {
  const response = await send(path, wanted)
  const text = await response.text()
  if (!response.ok) throw refused(response.status, text, wanted)
  return { body: (text === '' ? null : JSON.parse(text)) as T, etag: response.headers.get('etag') }
}

/** The body of a GET. */
export const get = async <T>(path: string, wanted: Wanted = {}): Promise<T> => (await call<T>(path, wanted)).body

/** A path below the tenant that is shown: `ofTenant('/subscriptions')`. */
export const ofTenant = (path: string): string => `/v1/tenants/${encodeURIComponent(tenantId())}${path}`

/** Sends a request and returns the response, e.g. to read a stream from it. Throws ApiProblem if there is no response. */
export const send = async (path: string, wanted: Wanted): Promise<Response> => {
  const { method = 'GET', body, query = {}, ifMatch, idempotencyKey, signal, token = bearerToken() } = wanted
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== '')
  const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString()
  try {
    const response = await fetch(search === '' ? path : `${path}?${search}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(ifMatch === undefined ? {} : { 'if-match': ifMatch }),
        ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    })
    noteServerTime(response.headers.get('date'))
    return response
  } catch (error) {
    if (signal?.aborted === true) throw error
    throw new ApiProblem(unreachable())
  }
}

/** The problem of a response that is not a success. */
export const refused = (status: number, text: string, { token }: Wanted): ApiProblem => {
  const problem = readProblem(status, text)
  if (status === 401 && token === undefined) endSession(problem)
  return new ApiProblem(problem)
}

const readProblem = (status: number, text: string): Problem => {
  try {
    const read = JSON.parse(text) as Problem
    if (typeof read.detail === 'string') return read
  } catch {
    // A proxy answered instead of Doorbell. Its text would not help a person.
  }
  return {
    type: 'about:blank',
    title: `The server answered ${status}`,
    status,
    code: 'no_problem_json',
    detail: 'The answer came from a proxy, not from Doorbell. Try again in a moment.',
    traceId: null,
  }
}

/** A key for one action of a person. The same key is used when the action is tried again. */
export const newIdempotencyKey = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), byte => byte.toString(16).padStart(2, '0')).join('')
