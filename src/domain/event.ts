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
  readonly visitId: string
  /** Position of this event in its visit's history, when the publisher knows it. */
  readonly sequence?: number
  readonly data: Readonly<Record<string, unknown>>
}

export type PayloadForm = 'full' | 'thin'

/**
 * The bytes a receiver gets: the same on every attempt, in this order of keys (contract.md, "What a receiver gets").
 * The thin form leaves `data` out: the receiver fetches what it may see.
 */
export const wireBody = (event: VisitEvent, form: PayloadForm): string => {
  const { id, type, timestamp, visitId, sequence, data } = event
  return JSON.stringify(
    form === 'thin' ? { id, type, timestamp, visitId, sequence } : { id, type, timestamp, visitId, sequence, data },
  )
}
