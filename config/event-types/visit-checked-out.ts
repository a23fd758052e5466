import { Type } from 'typebox'
import type { EventType } from './event-type.ts'
import { moment, name, sampleVisit, visitData } from './visit.ts'

export const visitCheckedOut: EventType = {
  type: 'visit.checked_out',
  description: 'The visitor has left. An automatic check-out sends the same event with a reason.',
  schema: visitData({
    checkedOutAt: moment('When the visitor checked out'),
    reason: Type.Optional(name('Reason, if the visitor was not checked out by hand, e.g. automatic')),
  }),
  sample: { ...sampleVisit, checkedOutAt: '2026-03-02T11:20:45Z', reason: 'automatic' },
}
