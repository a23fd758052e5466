import type { Context } from 'koa'
import { Failure, type FailureCode } from '../domain/failure.ts'
import type { ApiDeps } from './deps.ts'

/** The HTTP status of each failure (RFC 9110), and the title of its problem (RFC 9457). */
const kinds: Record<FailureCode, readonly [status: number, title: string]> = {
  malformed_json: [400, 'The body is not JSON'],
  not_utf8: [400, 'The body is not UTF-8'],
  invalid_request: [400, 'The request is not valid'],
  unknown_event_type: [400, 'Unknown event type'],
  unknown_tenant: [404, 'Unknown tenant'],
  payload_too_large: [413, 'The body is too large'],
  unsupported_media_type: [415, 'The body is of another type'],
  unauthenticated: [401, 'Who are you?'],
  token_expired: [401, 'The token has expired'],
  forbidden: [403, 'Not allowed'],
  not_found: [404, 'Not found'],
  method_not_allowed: [405, 'Method not allowed'],
  url_refused: [400, 'The url cannot be used'],
  limit_reached: [409, 'A limit is reached'],
  precondition_failed: [412, 'Somebody changed it meanwhile'],
  conflict: [409, 'Conflict'],
  streams_unavailable: [503, 'The event store is out of reach'],
  stream_full: [503, 'The event store is full'],
  ledger_unavailable: [503, 'The delivery log is out of reach'],
  shutting_down: [503, 'This process is ending'],
  invalid_settings: [500, 'Internal error'],
  internal: [500, 'Internal error'],
}

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
  const [status, title] = kinds[failure.code]
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
      if (problem.status === 503)
        context.set('Retry-After', String((error instanceof Failure ? error.retryAfterS : undefined) ?? retryAfterS))
    }
  }

/** For a 503 that says no figure of its own. */
const retryAfterS = 5

/** RFC 6750 §3: who sent no token at all is told no error. */
const challengeOf = (context: Context): string =>
  context.get('authorization') === '' ? 'Bearer realm="doorbell"' : 'Bearer realm="doorbell", error="invalid_token"'
