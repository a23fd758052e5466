import type { EventType } from './event-type.ts'
import { operationalEventTypes } from './operational.ts'
import { visitEventTypes } from './visits.ts'

/** The catalogue of event types. Intake validates events against it, `GET /v1/event-types` returns it, and subscriptions choose from it. */
export const eventTypes: readonly EventType[] = [...visitEventTypes, ...operationalEventTypes]
