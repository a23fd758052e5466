import type { EpochMs } from './time.ts'

/** Everything that is kept about one visitor of a tenant is erased. Stored with how far it is, so that a crash in between is made good. */
export interface Erasure {
  readonly id: string
  readonly tenant: string
  /** Forgotten itself when the erasure is done. */
  readonly visitorId: string | null
  readonly state: 'running' | 'done'
  /** The newest message of the stream when it began: what is posted later is new, and not erased. Null before it began. */
  readonly boundary: number | null
  /** Messages up to here were looked at… */
  readonly cursor: number
  /** …and these of them are about the visitor, and may not be erased yet. */
  readonly found: readonly FoundEvent[]
  readonly counts: ErasureCounts
  readonly createdAt: EpochMs
  readonly finishedAt: EpochMs | null
}

export interface FoundEvent {
  readonly sequence: number
  /** Null: the message was no event. */
  readonly eventId: string | null
}

export interface ErasureCounts {
  /** Messages of the tenant that were looked at. */
  readonly scanned: number
  /** Messages that were overwritten in the stream. */
  readonly events: number
  /** Rows of the log that have no content any more… */
  readonly deliveries: number
  /** …and those of them that waited, and are not delivered any more. */
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
 * Whether a message, or a body, is about this visitor: somebody in its `data` has this id, the host apart. Of what is no event, whether the
 * id stands in it anywhere.
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

/** The event's id, if the text is an event. */
export const eventIdOf = (text: string): string | null => {
  try {
    const { id } = JSON.parse(text) as { readonly id?: unknown }
    return typeof id === 'string' ? id : null
  } catch {
    return null
  }
}
