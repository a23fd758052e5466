import type { EventData } from './event-data.ts'

/** The body of a webhook: `event.type` says what is in `event.data`. A type that this version does not know may arrive: leave it be. */
export type WebhookEvent = { readonly [Type in keyof EventData]: EventOf<Type> }[keyof EventData]

/** An event of one type. */
export interface EventOf<Type extends keyof EventData> extends EventEnvelope {
  readonly type: Type
  /** Missing in the thin form. */
  readonly data?: EventData[Type]
}

interface EventEnvelope {
  /** Equals the `webhook-id` header; the same on every attempt. */
  readonly id: string
  /** RFC 3339, when it happened. */
  readonly timestamp: string
  readonly visitId: string
  /** Grows with each event of the visit: drop what is lower than the last one you worked on. Gaps mean nothing. */
  readonly sequence?: number
  /** Somebody asked for this event to be sent again. From the signature, not from the body. */
  readonly replay?: true
  /** A sample that somebody sent to try the endpoint. From the signature. */
  readonly test?: true
  /** Doorbell asks whether this endpoint wants to be called: answer 200 with `{"challenge": …}`, as the adapters do. No event: it has no visit. */
  readonly challenge?: string
}
