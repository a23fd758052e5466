import { eventTypes } from '../../config/event-types/index.ts'
import type { DoorbellMetrics } from '../../observability/metrics.ts'
import type { Delivery } from '../domain/delivery.ts'
import type { PayloadForm, VisitEvent } from '../domain/event.ts'
import { type Accepted, createIntake } from '../intake/intake.ts'
import { createEventReader, type EventReader } from '../intake/read-event.ts'
import { createBodyOf } from '../sending/body-to-send.ts'
import type { HistoryQuery } from '../streams/history.ts'
import type { Streams } from '../streams/connect.ts'
import { countedPublish } from './publish.ts'

/** Events on their way into the stream, and read back from it. */
export interface Events {
  readonly reader: EventReader
  /** Publishes an event. Resolves when the stream has acknowledged it. */
  readonly accept: (event: VisitEvent) => Promise<Accepted>
  /** An accepted event; null when its content is no longer kept. */
  readonly readEvent: (tenant: string, type: string, sequence: number) => Promise<VisitEvent | null>
  /** A page of a tenant's events in their order. An entry's event is null if its message is not a valid event. */
  readonly readFeed: (query: HistoryQuery) => Promise<{ sequence: number; event: VisitEvent | null }[]>
  /** What another attempt at a final delivery would send, in this form; null when it is no longer kept. */
  readonly bodyOf: (row: Delivery, form: PayloadForm) => Promise<string | null>
}

export const createEvents = (
  streams: Pick<Streams, 'publish' | 'read' | 'history'>,
  metrics: Pick<DoorbellMetrics, 'sent'>,
  /** Throws while an accepted event might never be delivered. */
  assertDeliverable: () => void,
): Events => {
  const reader = createEventReader(eventTypes)
  /** Null if the message is not a valid event: platform publishers write to the stream directly. */
  const eventOf = (tenant: string, type: string, text: string): VisitEvent | null => {
    try {
      return reader.message(tenant, type, text, Date.now())
    } catch {
      return null
    }
  }
  const readEvent: Events['readEvent'] = async (tenant, type, sequence) => {
    const text = await streams.read(sequence)
    return text === null ? null : eventOf(tenant, type, text)
  }
  const intake = createIntake({ publish: countedPublish(streams, metrics) })
  return {
    reader,
    accept: async event => {
      assertDeliverable()
      return intake(event)
    },
    readEvent,
    readFeed: async query => {
      const messages = await streams.history(query)
      return messages.map(({ sequence, type, text }) => ({ sequence, event: eventOf(query.tenant, type, text) }))
    },
    bodyOf: createBodyOf(readEvent),
  }
}
