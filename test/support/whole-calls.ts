import { ulid } from 'ulid'
import type { ApiDeps } from '../../src/api/deps.ts'
import { Failure } from '../../src/domain/failure.ts'
import { declaredOperations, pathOf } from './declared-operations.ts'
import { fakeStores } from './fake-stores.ts'
import { recorded, type RecordedCall } from './recorded.ts'
import type { serveApi } from './serve-api.ts'
import { nine } from './stored-documents.ts'

type Served = Awaited<ReturnType<typeof serveApi>>

export interface Request {
  readonly params?: Readonly<Record<string, string>>
  readonly query?: string
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** An answer with its headers, save those that every answer of a kind has, and each call of a dependency in its order. */
export interface WholeAnswer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body: unknown
  readonly calls: readonly RecordedCall[]
}

const params = { tenant: 'acme', id: 'id-1', visitorId: 'visitor-81', code: 'not_found' }
const told: ReadonlySet<string> = new Set(['etag', 'location', 'cache-control', 'content-type', 'x-accel-buffering'])
const usual = [/^no-store$/, /^application\/json; charset=utf-8$/]

const time = ulid(nine).slice(0, 10)
const newId = new RegExp(`${time}[0-9A-HJKMNP-TV-Z]{16}`, 'g')

/** Ids that were made at nine are written `sub_new`: the rest of them is chance. */
const timed = <T>(value: T): T => {
  if (typeof value === 'string') return value.replaceAll(newId, 'new') as typeof value
  if (Array.isArray(value)) return value.map(timed) as T
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, timed(inner) as unknown])) as T
}

/**
 * Makes calls by the ids of their declarations. `serve` starts an API with these dependencies, whose stores find the stored documents
 * (`fakeStores`), unless a call comes with others instead.
 */
export const wholeCalls = async (serve: (deps: Partial<ApiDeps>) => Promise<Pick<Served, 'call'>>) => {
  const calls: RecordedCall[] = []
  let others: Partial<ApiDeps> = {}
  const { call } = await serve(recorded(fakeStores(), calls, () => others))
  const operations = new Map(declaredOperations.map(operation => [operation.id, operation]))
  return async (id: string, request: Request = {}, instead: Partial<ApiDeps> = {}): Promise<WholeAnswer> => {
    const operation = operations.get(id)
    if (operation === undefined) throw new Error(`${id} is not declared`)
    calls.length = 0
    others = instead
    const address = pathOf(operation, { ...params, ...request.params }) + (request.query ?? '')
    const { status, headers, body } = await call(operation.method.toUpperCase(), address, request.body, request.headers)
    const own = [...headers].filter(([name, value]) => told.has(name) && !usual.some(each => each.test(value)))
    return timed({
      status,
      ...(own.length > 0 && { headers: Object.fromEntries(own) }),
      body: headers.get('content-type') === null ? undefined : (body['text'] ?? body),
      calls: calls.filter(([name]) => name !== 'now'),
    })
  }
}

/** Dependencies that answer at once, or that a call may do without: a token that is known is remembered. */
const unawaited = /^(wake|endpointAnswered|jwks|liveRows|signingKeys\.keys|audit\.(end|forget)|tokens\.(used|byHash))$/

/**
 * The answers to a call when one of the dependencies that it asks is away, by the dependency: each must be a problem, and nothing that
 * comes later is done.
 */
export const answersWithout = async (
  call: Awaited<ReturnType<typeof wholeCalls>>,
  id: string,
  request: Request,
): Promise<Record<string, readonly [status: number, done: readonly string[]]>> => {
  const { calls } = await call(id, request)
  const asked = [...new Set(calls.map(([name]) => name))].filter(name => !unawaited.test(name))
  const answers: Record<string, readonly [number, readonly string[]]> = {}
  for (const name of asked) {
    const away = () => Promise.reject(new Failure('ledger_unavailable', 'away'))
    const instead = name.split('.').reduceRight<unknown>((inner, step) => ({ [step]: inner }), away)
    const { status, calls: made } = await call(id, request, instead as Partial<ApiDeps>)
    const later = calls.slice(calls.findIndex(([each]) => each === name) + 1).map(([each]) => each)
    const changes = made
      .map(([each]) => each)
      .filter(each => /insert|replace|remove|put|wake|begin|inForce|insert/.test(each))
    answers[name] = [status, changes.filter(each => each !== name && later.includes(each))]
  }
  return answers
}
