import { Type } from 'typebox'
import type { EventType } from './event-type.ts'
import { name, sampleVisit, visitData } from './visit.ts'

export const visitCancelled: EventType = {
  type: 'visit.cancelled',
  description: 'A planned visit will not take place.',
  schema: visitData({ reason: Type.Optional(name('Reason')) }),
  sample: { ...sampleVisit, reason: 'host_ill' },
}
