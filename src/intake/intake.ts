import type { VisitEvent } from '../domain/event.ts'

/** Where accepted events go. */
export interface EventPublisher {
  publish(publication: {
    readonly tenant: string
    readonly type: string
    readonly id: string
    readonly visitId: string
    readonly body: string
    readonly traceparent: string | null
  }): Promise<{ readonly sequence: number; readonly duplicate: boolean }>
}

export interface Accepted {
  readonly id: string
  /** True when the stream already had this id and added nothing. */
  readonly duplicate: boolean
}

/** Publishes a posted event to the stream. Resolves after the stream's acknowledgement; throws Failure without one. */
export const createIntake =
  (publisher: EventPublisher) =>
  async (event: VisitEvent): Promise<Accepted> => {
    const { id, type, tenant, visitId } = event
    const body = JSON.stringify(event)
    const { duplicate } = await publisher.publish({ tenant, type, id, visitId, body, traceparent: null })
    return { id, duplicate }
  }
