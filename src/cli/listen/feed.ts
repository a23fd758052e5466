import { setTimeout as wait } from 'node:timers/promises'
import type { VisitEvent } from '../../domain/event.ts'
import { UserError } from '../command.ts'
import type { ListenOptions } from './options.ts'

export interface FeedPage {
  readonly events: readonly VisitEvent[]
  /** Where the next page begins. */
  readonly cursor: string
}

export interface FeedReader {
  readonly options: Pick<ListenOptions, 'url' | 'token' | 'tenant' | 'since' | 'cursor'>
  readonly signal: AbortSignal
  /** Prints when the service stops answering, and when it answers again. */
  readonly say: (line: string) => void
}

const waitMs = 20_000
const retryMs = { first: 500, longest: 10_000 }

/**
 * Reads the pages of a tenant's feed until the signal, from the first call on or from where the options say. Throws UserError when the
 * first call is refused. Later it retries for as long as the service does not answer.
 */
export const readFeed = async ({ options, signal, say }: FeedReader) => {
  const { since, cursor } = options
  const first = await call(options, signal, { limit: '1', ...(cursor === null ? { from: nowText() } : { cursor }) })
  if (!first.ok) throw await refusalOf(first, options)
  // By the service's clock, since this machine's may differ.
  const from = since ?? new Date(Date.parse(first.headers.get('date') ?? nowText())).toISOString()
  return pages({ options, signal, say }, cursor === null ? { from } : { cursor })
}

const pages = async function* (
  { options, signal, say }: FeedReader,
  begin: Readonly<Record<string, string>>,
): AsyncGenerator<FeedPage> {
  let place = begin
  let delayMs = 0
  while (!signal.aborted) {
    try {
      const answer = await call(options, signal, { ...place, limit: '100', waitMs: String(waitMs) })
      if (!answer.ok) throw await refusalOf(answer, options)
      const { items, next } = (await answer.json()) as { items: readonly VisitEvent[]; next: string }
      if (delayMs > 0) say('Doorbell is back.')
      delayMs = 0
      place = { cursor: next }
      yield { events: items, cursor: next }
    } catch (error) {
      if (signal.aborted) return
      if (error instanceof UserError && !(error instanceof Away)) throw error
      if (delayMs === 0) say(`${error instanceof Away ? error.message : 'The connection broke.'} Trying again.`)
      delayMs = Math.min(Math.max(delayMs * 2, retryMs.first), retryMs.longest)
      await wait(delayMs, undefined, { signal }).catch(() => undefined)
    }
  }
}

/** The service does not answer now, and may later. */
class Away extends UserError {}

const nowText = () => new Date().toISOString()

const call = async (
  { url, token, tenant }: FeedReader['options'],
  signal: AbortSignal,
  query: Readonly<Record<string, string>>,
): Promise<Response> => {
  const address = `${url}/v1/tenants/${encodeURIComponent(tenant)}/events?${new URLSearchParams(query).toString()}`
  try {
    // A connection that was lost without notice is given up.
    const limited = AbortSignal.any([signal, AbortSignal.timeout(waitMs + 15_000)])
    return await fetch(address, { headers: { authorization: `Bearer ${token}` }, signal: limited })
  } catch {
    throw new Away(`No service answers at ${url}. Start Doorbell, or set --url.`)
  }
}

const refusalOf = async (answer: Response, { tenant, url }: FeedReader['options']): Promise<UserError> => {
  const text = await answer.text()
  const detail = detailOf(text)
  if (answer.status === 401) return new UserError(`${url} does not accept this token: ${detail}`)
  if (answer.status === 403)
    return new UserError(
      `The token may not read the events of ${tenant}: ${detail} It needs the scope deliveries:read.`,
    )
  if (answer.status === 429 || answer.status >= 500) return new Away(`Doorbell answered ${answer.status}: ${detail}`)
  return new UserError(`Doorbell answered ${answer.status}: ${detail}`)
}

/** The detail of a problem (RFC 9457), or the beginning of another text. */
const detailOf = (text: string): string => {
  try {
    return (JSON.parse(text) as { detail: string }).detail
  } catch {
    return text.slice(0, 200)
  }
}
