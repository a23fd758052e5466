/** Event ids contain no dot, because they appear in `_id`s and in the signed content `id.timestamp.body`. */
export const eventIdPattern = '^[A-Za-z0-9_-]{1,64}$'

/** Something that happened to a visit. `data` is described by the event type's JSON Schema in config/event-types. */
export interface VisitEvent {
  readonly id: string
  /** For example `visit.checked_in`. */
  readonly type: string
  /** RFC 3339, when it happened. */
  readonly timestamp: string
  readonly tenant: string
  /** The visit that it happened to; for an operational event, the subscription. */
  readonly visitId: string
  /** Position of this event in its visit, if the publisher knows it. */
  readonly sequence?: number
  readonly data: Readonly<Record<string, unknown>>
}

export type PayloadForm = 'full' | 'thin'

/** True for events that Doorbell publishes about itself, e.g. `webhook.subscription.failing`. */
export const isOperational = (type: string): boolean => type.startsWith('webhook.')

/**
 * Returns the body that a receiver gets: the same bytes on every attempt, with the keys in this order. The thin form leaves `data` out; the
 * receiver fetches the data that it may see. `sequence` is the publisher's, or else the event's position in the stream: it grows with
 * each event of a visit, and gaps have no meaning (docs/decisions/0010).
 */
export const wireBody = (event: VisitEvent, form: PayloadForm, streamSequence: number): string => {
  const { id, type, timestamp, visitId, sequence = streamSequence, data } = event
  return JSON.stringify(
    form === 'thin' ? { id, type, timestamp, visitId, sequence } : { id, type, timestamp, visitId, sequence, data },
  )
}

/** Converts a stored body to this form; null when a thin body was stored and the full form is wanted. */
export const bodyInForm = (body: string, form: PayloadForm): string | null => {
  const { id, type, timestamp, visitId, sequence, data } = JSON.parse(body) as Readonly<Record<string, unknown>>
  if (form === 'full') return data === undefined ? null : body
  return data === undefined ? body : JSON.stringify({ id, type, timestamp, visitId, sequence })
}
