import { Failure, type FailureCode } from '../../domain/failure.ts'
import { problemKinds } from '../http/problem-kinds.ts'
import type { Wire } from '../http/wire.ts'
import type { Operations } from '../operation/operations.ts'
import { serviceOperations } from './operations.ts'
import { problemPage } from './problem-page.ts'

export interface ServiceDeps {
  readonly role: 'all' | 'api' | 'worker'
  readonly jwks: () => { readonly keys: readonly object[] }
  /** Where an event is when its 202 is answered, in words. */
  readonly acceptedEvents: () => string
  /** What must answer before this process can take work: `ok`, or what is wrong. */
  readonly checks: () => Promise<Readonly<Record<string, string>>>
}

/** What needs no token: the key set, health, the description of the API, and a page for each problem. */
export const serviceRoutes = (
  operations: Operations,
  { jwks, checks, acceptedEvents }: ServiceDeps,
  document: () => object,
): void => {
  operations.add(serviceOperations.jwks, context => {
    // Short enough that every verifier knows a new key before its first use.
    context.set('Cache-Control', 'public, max-age=300')
    context.type = 'application/jwk-set+json'
    return jwks() as Wire<(typeof serviceOperations.jwks.answers)[200]['schema']>
  })

  operations.add(serviceOperations.livez, () => ({ status: 'ok' }) as const)

  operations.add(serviceOperations.readyz, async context => {
    const found = await checks()
    const status = readinessOf(found)
    context.status = status === 'unavailable' ? 503 : 200
    return { status, acceptedEvents: acceptedEvents(), checks: found }
  })

  operations.add(serviceOperations.openapi, context => {
    context.set('Cache-Control', 'public, max-age=60')
    return document()
  })

  operations.add(serviceOperations.problem, context => {
    const { code } = context.params
    if (!Object.hasOwn(problemKinds, code)) throw new Failure('not_found', 'There is no problem with this code.')
    context.set('Content-Security-Policy', "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
    context.type = 'text/html; charset=utf-8'
    return problemPage(code as FailureCode)
  })
}

/** Checks of the process itself. What the others check is shared by all processes. */
const own: readonly string[] = ['process']

/**
 * A process whose shared servers are away answers as well as any other could. Were it unavailable, its balancer would take it and all others
 * out, and callers would get no answer that says why.
 */
const readinessOf = (checks: Readonly<Record<string, string>>): 'ok' | 'degraded' | 'unavailable' => {
  const failing = Object.keys(checks).filter(name => checks[name] !== 'ok')
  if (failing.length === 0) return 'ok'
  return failing.some(name => own.includes(name)) ? 'unavailable' : 'degraded'
}
