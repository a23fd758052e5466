/** The body of a webhook. `data` depends on `type`: see `GET /v1/event-types`. */
export interface WebhookEvent {
  /** Equals the `webhook-id` header; the same on every attempt. */
  readonly id: string
  readonly type: string
  /** RFC 3339, when it happened. */
  readonly timestamp: string
  readonly visitId: string
  /** Position in the visit's history, when known. */
  readonly sequence?: number
  /** Missing in the thin form. */
  readonly data?: Readonly<Record<string, unknown>>
}
