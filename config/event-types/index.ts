import type { TSchema } from 'typebox'
import { visitCancelled } from './visit-cancelled.ts'
import { visitCheckedIn } from './visit-checked-in.ts'
import { visitCheckedOut } from './visit-checked-out.ts'
import { visitCreated } from './visit-created.ts'
import { visitUpdated } from './visit-updated.ts'

/** One kind of event: what its `data` looks like (JSON Schema 2020-12), with a sample of it. */
export interface EventType {
  readonly type: string
  readonly description: string
  readonly schema: TSchema
  readonly sample: Readonly<Record<string, unknown>>
}

/** The one catalogue: intake validates by it, `GET /v1/event-types` shows it, subscriptions choose from it. */
export const eventTypes: readonly EventType[] = [
  visitCreated,
  visitUpdated,
  visitCancelled,
  visitCheckedIn,
  visitCheckedOut,
]
