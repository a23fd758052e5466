import { type TSchema, Type } from 'typebox'
import type { EventType } from './event-type.ts'

export const moment = (description: string) => Type.String({ format: 'date-time', description })
const name = (description: string) => Type.String({ minLength: 1, maxLength: 200, description })

/** The fields of every visit event. Publishers may add others, and receivers must ignore fields that they do not know. */
const fields = {
  visitor: Type.Object(
    {
      id: name('Stable id of the visitor'),
      firstName: name('First name'),
      lastName: name('Last name'),
      email: Type.Optional(Type.String({ format: 'email', description: 'E-mail address' })),
      phone: Type.Optional(name('Phone number')),
      company: Type.Optional(name('The visitor’s company')),
    },
    { description: 'The visitor' },
  ),
  host: Type.Object(
    {
      id: name('Stable id of the host'),
      name: name('The host’s name'),
      email: Type.Optional(Type.String({ format: 'email', description: 'E-mail address' })),
    },
    { description: 'The person who is visited' },
  ),
  site: name('Id or name of the location'),
  scheduledAt: Type.Optional(moment('When the visit was planned to begin')),
}

/** The schema of a visit event’s data, with the fields that this type adds. */
const visitData = (more: Readonly<Record<string, TSchema>> = {}) => Type.Object({ ...fields, ...more })

/** The people of all samples. They do not exist. */
const sampleVisit = {
  visitor: {
    id: 'visitor-81',
    firstName: 'Anna',
    lastName: 'Jansen',
    email: 'anna.jansen@example.com',
    company: 'Example BV',
  },
  host: { id: 'host-7', name: 'Tom Peeters' },
  site: 'brussels-hq',
  scheduledAt: '2026-03-02T09:00:00Z',
} as const

/** The events of a visit, in the order in which they happen. */
export const visitEventTypes: readonly EventType[] = [
  {
    type: 'visit.created',
    description: 'A visit was planned.',
    schema: visitData(),
    sample: sampleVisit,
  },
  {
    type: 'visit.updated',
    description: 'A planned visit was changed: its time, its host or its place.',
    schema: visitData(),
    sample: { ...sampleVisit, scheduledAt: '2026-03-02T10:30:00Z' },
  },
  {
    type: 'visit.cancelled',
    description: 'A planned visit will not take place.',
    schema: visitData({ reason: Type.Optional(name('Reason')) }),
    sample: { ...sampleVisit, reason: 'host_ill' },
  },
  {
    type: 'visit.checked_in',
    description: 'The visitor has arrived and checked in at a front desk.',
    schema: visitData({
      checkedInAt: moment('When the visitor checked in'),
      entrance: Type.Optional(name('Front desk or entrance')),
      badge: Type.Optional(name('Number of the badge')),
    }),
    sample: { ...sampleVisit, checkedInAt: '2026-03-02T08:56:12Z', entrance: 'Main entrance', badge: 'B-104' },
  },
  {
    type: 'visit.checked_out',
    description: 'The visitor has left. An automatic check-out sends the same event with a reason.',
    schema: visitData({
      checkedOutAt: moment('When the visitor checked out'),
      reason: Type.Optional(name('Reason, if the visitor was not checked out by hand, e.g. automatic')),
    }),
    sample: { ...sampleVisit, checkedOutAt: '2026-03-02T11:20:45Z', reason: 'automatic' },
  },
]
