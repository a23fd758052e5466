import type { Context } from 'koa'
import { Failure, type FailureCode } from '../../domain/failure.ts'
import type { ApiDeps } from '../deps.ts'
import { problemKinds } from './problem-kinds.ts'

/** What a client reads of an error: `application/problem+json`. `errors` point into the body (JSON Pointer, RFC 6901). */
export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly code: FailureCode
  readonly detail: string
  readonly traceId: string | null
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[]
}

type ProblemDeps = Pick<ApiDeps, 'publicUrl' | 'trace' | 'log'>

/** The problem of any error. What is not a Failure is a defect: it is logged, and the client learns the trace id only. */
export const problemOf = (deps: ProblemDeps, error: unknown): Problem => {
  const failure =
    error instanceof Failure ? error : new Failure('internal', 'This should not have happened. Tell us the trace id.')
  const [status, title] = problemKinds[failure.code]
  if (status >= 500)
    deps.log.error({ err: error, code: failure.code, remedy: 'see the error’s cause' }, 'request failed')
  return {
    type: `${deps.publicUrl}/problems/${failure.code}`,
    title,
    status,
    code: failure.code,
    detail: failure.message,
    traceId: deps.trace()?.traceId ?? null,
    ...(failure.faults.length > 0 ? { errors: failure.faults } : {}),
  }
}

/** What the router leaves without an answer; it has set the header Allow where another method would do. */
const throwUnrouted = ({ status, method, path }: Context): void => {
  if (status === 404) throw new Failure('not_found', `There is nothing at ${path}.`)
  if (status === 405 || status === 501)
    throw new Failure('method_not_allowed', `${path} has no method ${method}: see the header Allow.`)
}

/** Answers every error of the middleware behind it with a problem. */
export const answerProblems =
  (deps: ProblemDeps) =>
  async (context: Context, next: () => Promise<unknown>): Promise<void> => {
    try {
      await next()
      if (context.body === undefined) throwUnrouted(context)
    } catch (error) {
      const problem = problemOf(deps, error)
      context.status = problem.status
      context.body = problem
      context.type = 'application/problem+json'
      if (problem.status === 401) context.set('WWW-Authenticate', challengeOf(context))
      if (problem.status === 503 || problem.status === 429 || problem.code === 'idempotency_key_in_use')
        context.set('Retry-After', String((error instanceof Failure ? error.retryAfterS : undefined) ?? retryAfterS))
    }
  }

/** For an answer that names no figure of its own. */
const retryAfterS = 5

/** RFC 6750 §3: who sent no token at all is told no error. */
const challengeOf = (context: Context): string =>
  context.get('authorization') === '' ? 'Bearer realm="doorbell"' : 'Bearer realm="doorbell", error="invalid_token"'
