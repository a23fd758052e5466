import type { AttemptPorts } from '../../actors/attempt/attempt.ts'
import { attributes as a, spanNames } from '../../observability/names.ts'
import { currentTrace, SpanKind, traced } from '../../observability/traced.ts'
import { endpointUrl } from '../domain/endpoint-url.ts'
import { meaningOf } from '../domain/meaning.ts'
import { classOf, type Outcome } from '../domain/outcome.ts'

export type Post = AttemptPorts['post']
type PostRequest = Parameters<Post>[0]

/** A POST with its span, which names the receiver's host, never the path or query. */
export const tracedPost = (post: Post): Post =>
  traced(
    {
      name: spanNames.post,
      kind: SpanKind.CLIENT,
      attributes: ({ url }: PostRequest) => {
        const { origin, hostname } = endpointUrl(url) ?? { origin: '(not a url)', hostname: '' }
        return { [a.httpMethod]: 'POST', [a.urlFull]: `${origin}/`, [a.serverAddress]: hostname }
      },
      result: outcomeOnSpan,
    },
    request => post(underThisSpan(request)),
  )

/** A receiver that gets the trace context sees its own spans below the POST. */
const underThisSpan = (request: PostRequest): PostRequest => {
  const here = request.headers['traceparent'] === undefined ? null : currentTrace()
  return here === null ? request : { ...request, headers: { ...request.headers, traceparent: here.traceparent } }
}

/** How an outcome shows on the spans of an attempt and of its POST. */
export const outcomeOnSpan = (outcome: Outcome) => {
  const outcomeClass = { [a.outcome]: classOf(outcome) }
  if (outcome.type === 'unanswered') return { attributes: outcomeClass, error: outcome.error }
  const attributes = { [a.httpStatus]: outcome.status, ...outcomeClass }
  return isDelivered(outcome) ? { attributes } : { attributes, error: String(outcome.status) }
}

export const isDelivered = (outcome: Outcome): boolean => meaningOf(outcome).verdict === 'delivered'
