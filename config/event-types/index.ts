import type { EventType } from './event-type.ts'
import { operationalEventTypes } from './operational.ts'
import { visitCancelled } from './visit-cancelled.ts'
import { visitCheckedIn } from './visit-checked-in.ts'
import { visitCheckedOut } from './visit-checked-out.ts'
import { visitCreated } from './visit-created.ts'
import { visitUpdated } from './visit-updated.ts'

/** The catalogue of event types. Intake validates events against it, `GET /v1/event-types` returns it, and subscriptions choose from it. */
export const eventTypes: readonly EventType[] = [
  visitCreated,
  visitUpdated,
  visitCancelled,
  visitCheckedIn,
  visitCheckedOut,
  ...operationalEventTypes,
]
