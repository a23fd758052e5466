import { createHash } from 'node:crypto'
import type { Context } from 'koa'
import { Failure } from '../../domain/failure.ts'
import type { EpochMs } from '../../domain/time.ts'
import { asWritten } from '../../intake/exact-json.ts'
import type { CallMiddleware } from './call.ts'
import { type Operation, takesKey } from './operation.ts'

export interface IdempotencyDeps {
  /** Requests by their key. */
  readonly idempotency: {
    begin(
      id: string,
      fingerprint: string,
      now: EpochMs,
    ): Promise<{ state: 'ours' | 'under_way' | 'another' } | { state: 'answered'; answer: string }>
    finish(id: string, answer: string): Promise<void>
    forget(id: string): Promise<void>
  }
  readonly seal: (text: string) => Promise<string>
  readonly open: (sealed: string) => Promise<string>
  readonly now: () => EpochMs
  readonly log: { error(fields: object, text: string): void }
}

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
 * parameters and the caller, who gets the first answer again for the same request. A request that failed may be repeated with its key; so may one that a crash ended, after a minute.
 */
export const answerOnce = (deps: IdempotencyDeps, operation: Operation): CallMiddleware | null => {
  if (!takesKey(operation)) return null
  const withKey = createWithKey(deps, operation)
  return (context, next) => (context.get('idempotency-key') === '' ? next() : withKey(context, next))
}

const createWithKey =
  ({ idempotency, seal, open, now, log }: IdempotencyDeps, operation: Operation): CallMiddleware =>
  async (context, next) => {
    const key = context.get('idempotency-key')
    if (!keyPattern.test(key))
      throw new Failure('invalid_request', 'An Idempotency-Key has 1 to 255 visible ASCII characters.')
    const request = digest([callerOf(context), operation.id, JSON.stringify(Object.entries(context.params)), key])
    const begun = await idempotency.begin(request, digest([textOf(context.state.body)]), now())
    if (begun.state === 'another')
      throw new Failure('idempotency_key_reused', 'This Idempotency-Key was used for a request with another body.')
    if (begun.state === 'under_way')
      throw new Failure('idempotency_key_in_use', 'A request with this Idempotency-Key is still being processed.', {
        retryAfterS: 1,
      })
    if (begun.state === 'answered') return answerAgain(context, JSON.parse(await open(begun.answer)) as Answer)
    try {
      await next()
    } catch (error) {
      await idempotency.forget(request).catch(() => undefined)
      throw error
    }
    const kept = await seal(JSON.stringify(answerOf(context)))
    return idempotency.finish(request, kept).catch((error: unknown) =>
      // The change is made. An error now would lose the answer, and with it a secret that is shown once.
      log.error(
        { err: error, remedy: 'check MongoDB; the key can be used again after a minute' },
        'the answer was not stored for its idempotency key',
      ),
    )
  }

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
