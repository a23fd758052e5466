import { type TSchema, Type } from 'typebox'

export const moment = (description: string) => Type.String({ format: 'date-time', description })
export const name = (description: string) => Type.String({ minLength: 1, maxLength: 200, description })

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
export const visitData = (more: Readonly<Record<string, TSchema>> = {}) => Type.Object({ ...fields, ...more })

/** The people of all samples. They do not exist. */
export const sampleVisit = {
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
