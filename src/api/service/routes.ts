import { Failure } from '../../domain/failure.ts'
import type { ApiDeps } from '../deps.ts'
import type { Operations } from '../operation/operation.ts'
import { serviceOperations } from './operations.ts'
import { problemKinds } from '../http/problem-kinds.ts'

/** What is open to everybody: the key set, health, and the description of the API. */
export const serviceRoutes = (operations: Operations, deps: ApiDeps, document: () => object): void => {
  operations.add(serviceOperations.jwks, context => {
    // Short enough that a new key is known everywhere before its first use.
    context.set('Cache-Control', 'public, max-age=300')
    context.body = deps.jwks()
    context.type = 'application/jwk-set+json'
  })

  operations.add(serviceOperations.livez, context => {
    context.body = { status: 'ok' }
  })

  operations.add(serviceOperations.readyz, async context => {
    const checks = await deps.checks()
    const status = readinessOf(checks, deps.role)
    context.status = status === 'unavailable' ? 503 : 200
    context.body = { status, checks }
  })

  operations.add(serviceOperations.openapi, context => {
    context.set('Cache-Control', 'public, max-age=60')
    context.body = document()
  })

  operations.add(serviceOperations.problem, (context, { params: { code = '' } }) => {
    const kind = Object.entries(problemKinds).find(([known]) => known === code)?.[1]
    if (kind === undefined) throw new Failure('not_found', 'There is no problem with this code.')
    const [status, title, remedy] = kind
    context.set('Content-Security-Policy', "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
    context.type = 'text/html; charset=utf-8'
    context.body = problemPage(code, status, title, remedy)
  })
}

/**
 * Without MongoDB check-ins are taken all the same: a process that was taken out of its balancer for that would refuse them, and all of
 * them would be taken out at once.
 */
const readinessOf = (checks: Readonly<Record<string, string>>, role: ApiDeps['role']) => {
  const failing = Object.keys(checks).filter(name => checks[name] !== 'ok')
  if (failing.length === 0) return 'ok'
  return role !== 'worker' && failing.every(name => name === 'mongodb') ? 'degraded' : 'unavailable'
}

/** Nothing in it comes from the request: the code is one of ours. */
const problemPage = (code: string, status: number, title: string, remedy: string) => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title} · Doorbell</title>
<style>:root{color-scheme:light dark}body{font:1.1rem/1.6 system-ui;max-width:40rem;margin:4rem auto;padding:0 1rem}</style>
<h1>${title}</h1>
<p>Answered with status ${status} and the code <code>${code}</code>.</p>
<p>${remedy.replaceAll('`', '')}</p>
<p>The problem’s <code>detail</code> says what it was in your case; its <code>traceId</code> helps us to find it.</p>
</html>
`
