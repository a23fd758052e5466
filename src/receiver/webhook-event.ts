import type { EventData } from './event-data.ts'

/** The body of a webhook. `event.type` determines the type of `event.data`. Ignore events of a type that you do not know: newer versions may add types. */
export type WebhookEvent = { readonly [Type in keyof EventData]: EventOf<Type> }[keyof EventData]

/** An event of one type. */
export interface EventOf<Type extends keyof EventData> extends EventEnvelope {
  readonly type: Type
  /** Absent in thin payloads. */
  readonly data?: EventData[Type]
}

interface EventEnvelope {
  /** The same as the header `webhook-id`, and the same on every attempt. */
  readonly id: string
  /** When the event happened, RFC 3339. */
  readonly timestamp: string
  readonly visitId: string
  /** Grows with each event of the visit. Drop an event with a lower number than the last one that you processed. Gaps have no meaning. */
  readonly sequence?: number
  /** True for an event that a person sent again. It comes from the signature, not from the body. */
  readonly replay?: true
  /** True for a sample that a person sent to test the endpoint. It comes from the signature. */
  readonly test?: true
  /** Set if Doorbell asks whether the endpoint wants its webhooks. Answer 200 with `{"challenge": …}`, as the adapters do. It is not an event and has no visit. */
  readonly challenge?: string
}
