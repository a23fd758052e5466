import type { Context } from 'koa'
import { Type } from 'typebox'
import { Failure } from '../../domain/failure.ts'
import { closed, either, maybe, text, type Wire } from './wire.ts'
import { problemKinds } from './problem-kinds.ts'

/** `application/problem+json` (RFC 9457). */
export const problemAnswer = Type.Object(
  {
    type: text('Address of a page about this code'),
    title: Type.String(),
    status: Type.Integer(),
    code: text('Stable: test this, never the texts'),
    detail: text('What is wrong with this request, and how to fix it'),
    traceId: either(text('Quote this when you report the problem')),
    errors: maybe(
      Type.Array(
        Type.Object({ pointer: text('JSON Pointer (RFC 6901) into the body'), detail: Type.String() }, closed),
        { description: 'Every fault of the body' },
      ),
    ),
  },
  { ...closed, title: 'Problem' },
)
export type Problem = Wire<typeof problemAnswer>

export interface ProblemDeps {
  readonly publicUrl: string
  readonly trace: () => { readonly traceId: string } | null
  readonly log: { error(fields: object, text: string): void }
}

/** Turns any error into a problem. An error that is not a Failure is a defect: it is logged, and the client gets only the trace id. */
export const problemOf = ({ publicUrl, trace, log }: ProblemDeps, error: unknown): Problem => {
  const failure =
    error instanceof Failure
      ? error
      : new Failure('internal', 'An unexpected error occurred. Report the trace id to the operator.')
  const { code, message: detail, faults } = failure
  const { status, title } = problemKinds[code]
  if (status >= 500) log.error({ err: error, code, remedy: 'see the error’s cause' }, 'request failed')
  return {
    type: `${publicUrl}/problems/${code}`,
    title,
    status,
    code,
    detail,
    traceId: trace()?.traceId ?? null,
    ...(faults.length > 0 ? { errors: faults } : {}),
  }
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

/** For failures that name no time of their own. */
const retryAfterS = 5

/** The router leaves such requests without an answer, and sets the header Allow where another method would do. */
const throwUnrouted = ({ status, method, path }: Context): void => {
  if (status === 404) throw new Failure('not_found', `There is nothing at ${path}.${spellingOf(path)}`)
  if (status === 405 || status === 501)
    throw new Failure('method_not_allowed', `${path} has no method ${method}: see the header Allow.`)
}

/** RFC 6750 §3: a request without a token gets no error code. */
const challengeOf = (context: Context): string =>
  context.get('authorization') === '' ? 'Bearer realm="doorbell"' : 'Bearer realm="doorbell", error="invalid_token"'

/** Each path has one spelling. */
const spellingOf = (path: string): string => {
  if (path.endsWith('/') && path !== '/') return ' Leave out the slash at its end.'
  return /^\/v1\b/i.test(path) && !path.startsWith('/v1') ? ' The path begins with /v1, in small letters.' : ''
}
