import { Type } from 'typebox'
import type { EventType } from './event-type.ts'
import { moment, name, sampleVisit, visitData } from './visit.ts'

export const visitCheckedIn: EventType = {
  type: 'visit.checked_in',
  description: 'The visitor has arrived and checked in at a front desk.',
  schema: visitData({
    checkedInAt: moment('When the visitor checked in'),
    entrance: Type.Optional(name('Front desk or entrance')),
    badge: Type.Optional(name('Number of the badge')),
  }),
  sample: { ...sampleVisit, checkedInAt: '2026-03-02T08:56:12Z', entrance: 'Main entrance', badge: 'B-104' },
}
