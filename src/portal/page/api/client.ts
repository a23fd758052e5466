import { bearerToken, endSession, tenantId } from '../session/session-state.ts'
import { ApiProblem, type Problem, unreachable } from './problem.ts'

export interface Wanted {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly body?: unknown
  readonly query?: Readonly<Record<string, string | number | undefined>>
  /** The ETag that was read: a change by somebody else meanwhile is refused. */
  readonly ifMatch?: string | undefined
  /** Makes a POST repeatable: a second one with the same key is not done twice. */
  readonly idempotencyKey?: string
  readonly signal?: AbortSignal
  /** For the sign-in, before there is a session. */
  readonly token?: string
}

export interface Answer<T> {
  readonly body: T
  readonly etag: string | null
}

/** One call of the API. Throws ApiProblem; a token that is no longer known ends the session. */
export const call = async <T>(path: string, wanted: Wanted = {}): Promise<Answer<T>> => {
  const response = await send(path, wanted)
  const text = await response.text()
  if (!response.ok) throw refused(response.status, text, wanted)
  return { body: (text === '' ? null : JSON.parse(text)) as T, etag: response.headers.get('etag') }
}

/** The body of a GET. */
export const get = async <T>(path: string, wanted: Wanted = {}): Promise<T> => (await call<T>(path, wanted)).body

/** A path of the tenant that is looked at: `ofTenant('/subscriptions')`. */
export const ofTenant = (path: string): string => `/v1/tenants/${encodeURIComponent(tenantId())}${path}`

/** The answer itself, e.g. to read a stream of it. Throws ApiProblem when there is none. */
export const send = async (path: string, wanted: Wanted): Promise<Response> => {
  const { method = 'GET', body, query = {}, ifMatch, idempotencyKey, signal, token = bearerToken() } = wanted
  const asked = Object.entries(query).filter(([, value]) => value !== undefined && value !== '')
  const search = new URLSearchParams(asked.map(([name, value]) => [name, String(value)])).toString()
  try {
    return await fetch(search === '' ? path : `${path}?${search}`, {
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
  } catch (error) {
    if (signal?.aborted === true) throw error
    throw new ApiProblem(unreachable())
  }
}

/** The problem of an answer that refused. */
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
    // Not of Doorbell: a proxy between us, whose page says nothing to a person.
  }
  return {
    type: 'about:blank',
    title: `The answer was ${status}`,
    status,
    code: 'no_problem_json',
    detail: 'It did not come from Doorbell itself, but from something between: try again in a moment.',
    traceId: null,
  }
}

/** A key for one thing that a person wants done: kept while it is tried again. */
export const newIdempotencyKey = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), byte => byte.toString(16).padStart(2, '0')).join('')
