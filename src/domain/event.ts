/** Event ids appear in headers, in `_id`s and in the signed content `id.timestamp.body`, so they hold no dot. */
export const eventIdPattern = '^[A-Za-z0-9_-]{1,64}$'

/** Something that happened to a visit. `data` is described by the event type's JSON Schema in config/event-types. */
export interface VisitEvent {
  readonly id: string
  /** For example `visit.checked_in`. */
  readonly type: string
  /** RFC 3339, when it happened. */
  readonly timestamp: string
  readonly tenant: string
  /** The visit it happened to; of an operational event, the subscription. */
  readonly visitId: string
  /** Place of this event among those of its visit, when the publisher knows it. */
  readonly sequence?: number
  readonly data: Readonly<Record<string, unknown>>
}

export type PayloadForm = 'full' | 'thin'

/** Told by Doorbell about itself, e.g. `webhook.subscription.failing`. */
export const isOperational = (type: string): boolean => type.startsWith('webhook.')

/**
 * The bytes a receiver gets: the same on every attempt, in this order of keys (contract.md, "What a receiver gets").
 * The thin form leaves `data` out: the receiver fetches what it may see. `sequence` is the publisher's own, else the event's place in
 * the stream: it grows with each event of a visit, and gaps mean nothing (docs/decisions/0010).
 */
export const wireBody = (event: VisitEvent, form: PayloadForm, streamSequence: number): string => {
  const { id, type, timestamp, visitId, sequence = streamSequence, data } = event
  return JSON.stringify(
    form === 'thin' ? { id, type, timestamp, visitId, sequence } : { id, type, timestamp, visitId, sequence, data },
  )
}

/** Wire bytes that are kept, in the form that is wanted now; null when that form holds more than was kept. */
export const bodyInForm = (body: string, form: PayloadForm): string | null => {
  const { data, ...thin } = JSON.parse(body) as Readonly<Record<string, unknown>>
  if (form === 'full') return data === undefined ? null : body
  return data === undefined ? body : JSON.stringify(thin)
}
