import type { EventType } from './event-type.ts'
import { sampleVisit, visitData } from './visit.ts'

export const visitCreated: EventType = {
  type: 'visit.created',
  description: 'A visit was planned.',
  schema: visitData(),
  sample: sampleVisit,
}
