import type { Database } from '../database.ts'
import type { VisitStatus } from '../platform/platform.ts'
import { type Contact, contactOf } from './people.ts'

/** A visit in the app's view: the plan of its host, and the changes that webhooks have reported since. */
export interface Visit {
  readonly id: string
  readonly hostId: string
  readonly contactId: string
  /** All times are milliseconds since 1970. */
  readonly scheduledAt: number
  readonly status: VisitStatus
  readonly checkedInAt: number | null
  readonly checkedOutAt: number | null
  /** The sequence number of the newest event that was processed. */
  readonly sequence: number
}

export const visitTables = `
  CREATE TABLE IF NOT EXISTS visits (
    id TEXT PRIMARY KEY, hostId TEXT NOT NULL, contactId TEXT NOT NULL, scheduledAt INTEGER NOT NULL, status TEXT NOT NULL,
    checkedInAt INTEGER, checkedOutAt INTEGER, sequence INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE INDEX IF NOT EXISTS visitsOfHost ON visits (hostId, scheduledAt);
`
const mostShown = 200

export const createVisits = (database: Database) => ({
  add: ({ id, hostId, contactId, scheduledAt }: Pick<Visit, 'id' | 'hostId' | 'contactId' | 'scheduledAt'>): void => {
    database.run(
      `INSERT INTO visits (id, hostId, contactId, scheduledAt, status) VALUES (?, ?, ?, ?, 'planned')`,
      id,
      hostId,
      contactId,
      scheduledAt,
    )
  },
  get: (id: string): Visit | null => database.one<Visit>('SELECT * FROM visits WHERE id = ?', id),
  /** The latest visits of a host, in the order of their time. */
  ofHost: (hostId: string): Visit[] =>
    database
      .all<Visit>('SELECT * FROM visits WHERE hostId = ? ORDER BY scheduledAt DESC, id LIMIT ?', hostId, mostShown)
      .toReversed(),
  change: ({ id, status, checkedInAt, checkedOutAt, sequence }: Visit): void => {
    database.run(
      'UPDATE visits SET status = ?, checkedInAt = ?, checkedOutAt = ?, sequence = ? WHERE id = ?',
      status,
      checkedInAt,
      checkedOutAt,
      sequence,
      id,
    )
  },
})

export type Visits = ReturnType<typeof createVisits>

/** A visit in the form in which the page gets it. */
export const showVisit = (visit: Visit) => {
  const { id, scheduledAt, checkedInAt, checkedOutAt } = visit
  return {
    id,
    visitor: shown(contactOf(visit.contactId)),
    scheduledAt,
    checkedInAt,
    checkedOutAt,
    status: statusOf(visit),
    cancellable: statusOf(visit) === 'planned',
  }
}

/** A planned visit counts as missed after this time, and can no longer be cancelled. */
const missedAfterMs = 12 * 60 * 60_000

const statusOf = ({ status, scheduledAt }: Visit): VisitStatus | 'missed' =>
  status === 'planned' && Date.now() > scheduledAt + missedAfterMs ? 'missed' : status

const shown = (contact: Contact | undefined) => ({
  name: contact === undefined ? 'Unknown visitor' : `${contact.firstName} ${contact.lastName}`,
  company: contact?.company ?? '',
})
