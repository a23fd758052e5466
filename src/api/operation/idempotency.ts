import { createHash } from 'node:crypto'
import type { Context } from 'koa'
import { Failure } from '../../domain/failure.ts'
import type { ApiDeps } from '../deps.ts'
import type { Around, Step } from './operation.ts'
import { takesKey } from './openapi/describe-operation.ts'

const keyPattern = /^[\x21-\x7e]{1,255}$/
/** What a client needs of the first answer beside its body. */
const keptHeaders = ['location', 'etag'] as const

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
}

/**
 * `Idempotency-Key` on POSTs (draft-ietf-httpapi-idempotency-key-header): the same caller's same request with the same key is worked on
 * once in 24 hours, and answered alike. What failed may be sent again with its key. After a crash in the middle the request is worked
 * on anew, a minute later.
 */
export const idempotently =
  ({ idempotency, seal, open, now, log }: Pick<ApiDeps, 'idempotency' | 'seal' | 'open' | 'now' | 'log'>): Around =>
  operation =>
    takesKey(operation) ? once({ idempotency, seal, open, now, log }, operation.id) : null

const once =
  (
    { idempotency, seal, open, now, log }: Pick<ApiDeps, 'idempotency' | 'seal' | 'open' | 'now' | 'log'>,
    id: string,
  ): Step =>
  async (context, { body }, handle) => {
    const key = context.get('idempotency-key')
    if (key === '') return handle()
    if (!keyPattern.test(key))
      throw new Failure('invalid_request', 'An Idempotency-Key has 1 to 255 visible ASCII characters.')
    const request = digest([context.get('authorization'), id, context.path, key])
    const begun = await idempotency.begin(request, digest([JSON.stringify(body) ?? '']), now())
    if (begun.state === 'another')
      throw new Failure('idempotency_key_reused', 'This Idempotency-Key was used for a request with another body.')
    if (begun.state === 'under_way')
      throw new Failure('idempotency_key_in_use', 'A request with this Idempotency-Key is under way.', {
        retryAfterS: 1,
      })
    if (begun.state === 'answered') return show(context, JSON.parse(await open(begun.answer)) as Answer)
    try {
      await handle()
    } catch (error) {
      await idempotency.forget(request).catch(() => undefined)
      throw error
    }
    const kept = await seal(JSON.stringify(answerOf(context)))
    await idempotency.finish(request, kept).catch((error: unknown) =>
      // It is done: an error now would keep the answer, and a secret in it, from whoever may see it once.
      log.error(
        { err: error, remedy: 'the key works again in a minute; look at MongoDB' },
        'answer not kept for its key',
      ),
    )
  }

const digest = (parts: readonly string[]): string => createHash('sha256').update(parts.join('\n')).digest('base64url')

const answerOf = (context: Context): Answer => ({
  status: context.status,
  headers: Object.fromEntries(
    keptHeaders.map(name => [name, context.response.get(name)] as const).filter(([, value]) => value !== ''),
  ),
  body: context.body,
})

const show = (context: Context, { status, headers, body }: Answer): void => {
  context.status = status
  context.set({ ...headers, 'Idempotency-Replayed': 'true' })
  context.body = body
}
