import type { EpochMs } from './time.ts'

/** The erasure of everything that is stored about one visitor of a tenant. Its progress is stored too, so that it continues after a crash. */
export interface Erasure {
  readonly id: string
  readonly tenant: string
  /** Null once the erasure is done. */
  readonly visitorId: string | null
  readonly state: 'running' | 'done'
  /** The newest message of the stream at the start: later messages are not erased. Null before the start. */
  readonly boundary: number | null
  /** Messages up to this one were examined… */
  readonly cursor: number
  /** …and these of them are about the visitor, and may not be erased yet. */
  readonly found: readonly FoundEvent[]
  readonly counts: ErasureCounts
  readonly createdAt: EpochMs
  readonly finishedAt: EpochMs | null
}

export interface FoundEvent {
  readonly sequence: number
  /** Null: the message was not an event. */
  readonly eventId: string | null
}

export interface ErasureCounts {
  /** Messages of the tenant that were examined. */
  readonly scanned: number
  /** Messages that were overwritten in the stream. */
  readonly events: number
  /** Rows of the log whose content was removed… */
  readonly deliveries: number
  /** …and those of them that waited and were cancelled. */
  readonly cancelled: number
}

export const newErasure = (id: string, tenant: string, visitorId: string, createdAt: EpochMs): Erasure => ({
  id,
  tenant,
  visitorId,
  state: 'running',
  boundary: null,
  cursor: 0,
  found: [],
  counts: { scanned: 0, events: 0, deliveries: 0, cancelled: 0 },
  createdAt,
  finishedAt: null,
})

/**
 * Whether a message or a body is about this visitor: a person in its `data`, other than the host, has this id. A text that is not an event
 * is about the visitor if it contains the id anywhere.
 */
export const isAbout = (text: string, visitorId: string): boolean => {
  try {
    const value = JSON.parse(text) as { readonly data?: unknown } | null
    return names(value?.data ?? value, visitorId)
  } catch {
    return text.includes(visitorId)
  }
}

const names = (value: unknown, id: string): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (('id' in value && String(value.id) === id) ||
    Object.entries(value).some(([key, inner]) => key !== 'host' && names(inner, id)))

/** Returns the event's id, or null if the text is not an event. */
export const eventIdOf = (text: string): string | null => {
  try {
    const { id } = JSON.parse(text) as { readonly id?: unknown }
    return typeof id === 'string' ? id : null
  } catch {
    return null
  }
}
