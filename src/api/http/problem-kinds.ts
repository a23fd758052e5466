import type { FailureCode } from '../../domain/failure.ts'

export interface ProblemKind {
  /** RFC 9110. */
  readonly status: number
  /** RFC 9457. */
  readonly title: string
  /** What the caller can do. */
  readonly remedy: string
}

const kind = (status: number, title: string, remedy: string): ProblemKind => ({ status, title, remedy })

const retry = 'Retry the request; the problem is on our side.'

/** The problem that each failure becomes. */
export const problemKinds: Readonly<Record<FailureCode, ProblemKind>> = {
  malformed_json: kind(400, 'The body is not JSON', 'Send valid JSON; the detail names the position.'),
  not_utf8: kind(400, 'The body is not UTF-8', 'Encode the body as UTF-8.'),
  invalid_request: kind(400, 'Invalid request', 'Fix the fields that `errors` points to, or what the detail names.'),
  unknown_event_type: kind(400, 'Unknown event type', 'Choose a type from GET /v1/event-types.'),
  unknown_tenant: kind(404, 'Unknown tenant', 'Create it with PUT /v1/tenants/{tenant}, or correct its id.'),
  payload_too_large: kind(413, 'The body is too large', 'Send a smaller body; the detail names the limit.'),
  headers_too_large: kind(431, 'The url or the headers are too long', 'Shorten them to 16 KiB in total.'),
  unsupported_media_type: kind(415, 'Unsupported content type', 'Send application/json without content-encoding.'),
  unauthenticated: kind(401, 'Authentication required', 'Send Authorization: Bearer with a valid token.'),
  token_expired: kind(401, 'The token has expired', 'Ask for a new token.'),
  forbidden: kind(403, 'Not allowed', 'Use a token of this tenant. If the detail names a scope, the token needs it.'),
  not_found: kind(404, 'Not found', 'Check the id and the path.'),
  method_not_allowed: kind(405, 'Method not allowed', 'Use a method that the Allow header lists.'),
  url_refused: kind(400, 'The url cannot be used', 'Use a public https url; the detail names the problem.'),
  limit_reached: kind(409, 'Limit reached', 'Delete what is no longer needed; the detail names the limit.'),
  precondition_failed: kind(412, 'Changed since you read it', 'Read it again and repeat the change with the new ETag.'),
  conflict: kind(409, 'Conflict', 'Read the resource again: its state does not allow this.'),
  idempotency_key_in_use: kind(409, 'A request with this key is in progress', 'Wait until it ends, then retry.'),
  idempotency_key_reused: kind(
    422,
    'The key was used for another request',
    'Use a new Idempotency-Key for each request.',
  ),
  rate_limited: kind(429, 'Too many requests', 'Wait as long as Retry-After says; the detail names the limit.'),
  search_too_wide: kind(
    422,
    'The search takes too long',
    'Narrow it: name an eventId or a visitId, or a shorter time with from and to.',
  ),
  streams_unavailable: kind(503, 'The event store is unavailable', retry),
  stream_full: kind(503, 'The event store is full', 'Retry later; the operator must free space.'),
  promise_broken: kind(
    503,
    'Delivery cannot be promised now',
    'Retry the request later; the operator must restore what the detail names.',
  ),
  ledger_unavailable: kind(503, 'The delivery log is unavailable', retry),
  identity_provider_unavailable: kind(503, 'The identity provider is unavailable', 'Retry the request in a moment.'),
  starting: kind(503, 'This process is starting', 'Retry the request in a moment.'),
  invalid_settings: kind(500, 'Internal error', 'Report the trace id to the operator.'),
  internal: kind(500, 'Internal error', 'Report the trace id to the operator.'),
}
