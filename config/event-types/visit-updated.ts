import type { EventType } from './event-type.ts'
import { sampleVisit, visitData } from './visit.ts'

export const visitUpdated: EventType = {
  type: 'visit.updated',
  description: 'A planned visit was changed: its time, its host or its place.',
  schema: visitData(),
  sample: { ...sampleVisit, scheduledAt: '2026-03-02T10:30:00Z' },
}
