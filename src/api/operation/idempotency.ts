import { createHash } from 'node:crypto'
import type { Context } from 'koa'
import { Failure } from '../../domain/failure.ts'
import type { EpochMs } from '../../domain/time.ts'
import { asWritten } from '../../intake/exact-json.ts'
import { problemKinds } from '../http/problem-kinds.ts'
import type { CallMiddleware } from './call.ts'
import { identityFrom } from './identity.ts'
import { type Operation, takesKey } from './operation.ts'

export interface IdempotencyDeps {
  /** Requests by their key. */
  readonly idempotency: {
    begin(id: string, fingerprint: string, now: EpochMs): Promise<Begun>
    finish(id: string, answer: string): Promise<void>
    forget(id: string): Promise<void>
  }
  readonly seal: (text: string) => Promise<string>
  readonly open: (sealed: string) => Promise<string>
  /** 32 bytes that follow from the text, and that nobody else can compute. */
  readonly derive: (text: string) => Buffer
  readonly now: () => EpochMs
  readonly log: { error(fields: object, text: string): void }
}

/** What is known of a request with a key; `at` is when the first one with this key began. */
export type Begun =
  | { readonly state: 'ours'; readonly at: EpochMs; readonly isRepeated: boolean }
  /** An earlier one may be running, or a crash may have ended it. */
  | { readonly state: 'under_way'; readonly at: EpochMs }
  | { readonly state: 'answered'; readonly answer: string }
  /** The key belongs to a request with another body. */
  | { readonly state: 'another' }

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
}

const keyPattern = /^[\x21-\x7e]{1,255}$/
/** Headers that a client needs of the first answer. */
const keptHeaders = ['location', 'etag'] as const

/**
 * Processes a POST with an `Idempotency-Key` once in 24 hours (draft-ietf-httpapi-idempotency-key-header): a key belongs to the operation, its
 * parameters and the caller, who gets the first answer again for the same request. A request that failed may be repeated with its key. So may
 * one whose answer was lost, at once: its ids come from the key, so the repeated request finds what the first one did. An operation that `runsAlone`
 * makes a caller wait instead, for a minute at most.
 */
export const answerOnce = (deps: IdempotencyDeps, operation: Operation): CallMiddleware | null => {
  if (!takesKey(operation)) return null
  const withKey = createWithKey(deps, operation)
  return (context, next) => (context.get('idempotency-key') === '' ? next() : withKey(context, next))
}

const createWithKey = (deps: IdempotencyDeps, operation: Operation): CallMiddleware => {
  const { idempotency, seal, open, derive, now, log } = deps
  return async (context, next) => {
    const key = context.get('idempotency-key')
    if (!keyPattern.test(key))
      throw new Failure('invalid_request', 'An Idempotency-Key has 1 to 255 visible ASCII characters.')
    const request = digest([callerOf(context), operation.id, JSON.stringify(Object.entries(context.params)), key])
    const begun = await idempotency.begin(request, digest([textOf(context.state.body)]), now())
    if (begun.state === 'another')
      throw new Failure('idempotency_key_reused', 'This Idempotency-Key was used for a request with another body.')
    if (begun.state === 'answered') return answerAgain(context, JSON.parse(await open(begun.answer)) as Answer)
    if (begun.state === 'under_way' && operation.runsAlone === true) throw inUse()
    const isRepeated = begun.state === 'under_way' || begun.isRepeated
    context.state.identity = identityFrom(derive(request), begun.at, isRepeated)
    try {
      await next()
    } catch (error) {
      if (operation.runsAlone === true || !(isRepeated || mayHaveChanged(error)))
        await idempotency.forget(request).catch(() => undefined)
      throw error
    }
    const kept = await seal(JSON.stringify(answerOf(context)))
    return idempotency.finish(request, kept).catch((error: unknown) =>
      // The change is made. An error now would lose the answer, and with it a secret that is shown once.
      log.error(
        { err: error, remedy: 'check MongoDB; a repeated request finds what was created' },
        'the answer was not stored for its idempotency key',
      ),
    )
  }
}

const inUse = () =>
  new Failure('idempotency_key_in_use', 'A request with this Idempotency-Key is still being processed.', {
    retryAfterS: 1,
  })

/** After a refusal nothing has changed, so another body may use the key. After a fault of ours something may have. */
const mayHaveChanged = (error: unknown): boolean =>
  !(error instanceof Failure) || problemKinds[error.code].status >= 500

/** The caller, whose token may be renewed between two attempts. */
const callerOf = ({ state: { principal } }: Parameters<CallMiddleware>[0]): string =>
  principal === undefined ? '' : `${principal.kind} ${principal.id}`

/** Bodies that differ in a digit which JavaScript does not keep are different requests. */
const textOf = (body: unknown): string =>
  JSON.stringify(typeof body === 'object' && body !== null ? asWritten(body) : body)

const digest = (parts: readonly string[]): string => createHash('sha256').update(parts.join('\n')).digest('base64url')

const answerOf = (context: Context): Answer => ({
  status: context.status,
  headers: Object.fromEntries(
    keptHeaders.map(name => [name, context.response.get(name)] as const).filter(([, value]) => value !== ''),
  ),
  body: context.body,
})

const answerAgain = (context: Context, { status, headers, body }: Answer): void => {
  context.status = status
  context.set({ ...headers, 'Idempotency-Replayed': 'true' })
  context.body = body
}
