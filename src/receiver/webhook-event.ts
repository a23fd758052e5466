/** The body of a webhook. `data` depends on `type`: see `GET /v1/event-types`. */
export interface WebhookEvent {
  /** Equals the `webhook-id` header; the same on every attempt. */
  readonly id: string
  readonly type: string
  /** RFC 3339, when it happened. */
  readonly timestamp: string
  readonly visitId: string
  /** Grows with each event of the visit: drop what is lower than the last one you worked on. Gaps mean nothing. */
  readonly sequence?: number
  /** Missing in the thin form. */
  readonly data?: Readonly<Record<string, unknown>>
  /** Somebody asked for this event to be sent again. From the signature, not from the body. */
  readonly replay?: true
  /** A sample that somebody sent to try the endpoint. From the signature. */
  readonly test?: true
  /** Doorbell asks whether this endpoint wants to be called: answer 200 with `{"challenge": …}`, as the adapters do. No event: it has no visit. */
  readonly challenge?: string
}
