import { randomUUID } from 'node:crypto'
import type { VisitEvent } from '../doorbell/client.ts'
import { type Database, openDatabase } from '../database.ts'
import { Refusal } from '../refusal.ts'

export type VisitStatus = 'planned' | 'checked_in' | 'checked_out' | 'cancelled'

export interface Visitor {
  readonly id: string
  readonly firstName: string
  readonly lastName: string
  readonly company: string
  readonly email: string
}

export interface PlatformVisit {
  readonly id: string
  readonly visitor: Visitor
  readonly host: { readonly id: string; readonly name: string }
  /** All times are milliseconds since 1970. */
  readonly scheduledAt: number
  readonly status: VisitStatus
  readonly checkedInAt: number | null
  readonly checkedOutAt: number | null
  readonly badge: string | null
}

/** An event that was published or is waiting to be published. */
export interface OutgoingEvent {
  readonly number: number
  readonly event: VisitEvent
  /** Null until Doorbell has accepted it. */
  readonly traceId: string | null
}

const tables = `
  CREATE TABLE IF NOT EXISTS visits (id TEXT PRIMARY KEY, visit TEXT NOT NULL, scheduledAt INTEGER NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS outbox (number INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT NOT NULL, traceId TEXT) STRICT;
`
const site = 'harbour-house'
const entrance = 'Main entrance'
const dayMs = 24 * 60 * 60_000

/**
 * Plays the visitor-management platform. It stores the visits, and puts an event for each change into an outbox in the same transaction: no change
 * is stored without its event, and no event without its change. `onChange` runs after every change.
 */
export const createPlatform = (file: string, onChange: () => void) => {
  const database = openDatabase(file, tables)

  const find = (id: string): PlatformVisit => {
    const found = database.one<{ visit: string }>('SELECT visit FROM visits WHERE id = ?', id)
    if (found === null) throw new Refusal(404, 'This visit does not exist.')
    return JSON.parse(found.visit) as PlatformVisit
  }

  const save = (visit: PlatformVisit, type: string, more: object = {}): PlatformVisit => {
    database.atomically(() => {
      database.run(
        'INSERT INTO visits VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET visit = excluded.visit',
        visit.id,
        JSON.stringify(visit),
        visit.scheduledAt,
      )
      database.run('INSERT INTO outbox (event) VALUES (?)', JSON.stringify(eventOf(visit, type, more)))
    })
    onChange()
    return visit
  }

  return {
    plan: (planned: Pick<PlatformVisit, 'visitor' | 'host' | 'scheduledAt'>): PlatformVisit =>
      save(
        {
          ...planned,
          id: `visit-${randomUUID()}`,
          status: 'planned',
          checkedInAt: null,
          checkedOutAt: null,
          badge: null,
        },
        'visit.created',
      ),

    cancel: (id: string): PlatformVisit =>
      save({ ...expectStatus(find(id), 'planned'), status: 'cancelled' }, 'visit.cancelled'),

    checkIn: (id: string): PlatformVisit => {
      const now = Date.now()
      const badge = nextBadge(database)
      const visit = { ...expectStatus(find(id), 'planned'), status: 'checked_in' as const, checkedInAt: now, badge }
      return save(visit, 'visit.checked_in', { checkedInAt: iso(now), entrance, badge })
    },

    checkOut: (id: string): PlatformVisit => {
      const now = Date.now()
      const visit = { ...expectStatus(find(id), 'checked_in'), status: 'checked_out' as const, checkedOutAt: now }
      return save(visit, 'visit.checked_out', { checkedOutAt: iso(now) })
    },

    /** The visits for the front desk: all visitors who are inside, and the visits from a day ago to a day ahead. */
    visits: (): PlatformVisit[] =>
      database
        .all<{ visit: string }>(
          `SELECT visit FROM visits WHERE scheduledAt BETWEEN ? AND ? OR json_extract(visit, '$.status') = 'checked_in'
           ORDER BY scheduledAt, id`,
          Date.now() - dayMs,
          Date.now() + dayMs,
        )
        .map(({ visit }) => JSON.parse(visit) as PlatformVisit),

    outbox: {
      /** The next event to publish. Events are published in order, so that a check-out never comes before its check-in. */
      next: (): OutgoingEvent | null => {
        const row = database.one<OutboxRow>('SELECT * FROM outbox WHERE traceId IS NULL ORDER BY number LIMIT 1')
        return row === null ? null : outgoing(row)
      },
      accepted: (number: number, traceId: string): void => {
        database.run('UPDATE outbox SET traceId = ? WHERE number = ?', traceId, number)
        onChange()
      },
      latest: (count: number): OutgoingEvent[] =>
        database.all<OutboxRow>('SELECT * FROM outbox ORDER BY number DESC LIMIT ?', count).map(outgoing),
    },
    close: database.close,
  }
}

export type Platform = ReturnType<typeof createPlatform>

interface OutboxRow {
  readonly number: number
  readonly event: string
  readonly traceId: string | null
}

const outgoing = ({ number, event, traceId }: OutboxRow): OutgoingEvent => ({
  number,
  event: JSON.parse(event) as VisitEvent,
  traceId,
})

const eventOf = ({ id, visitor, host, scheduledAt }: PlatformVisit, type: string, more: object): VisitEvent => ({
  id: `evt-${randomUUID()}`,
  type,
  visitId: id,
  timestamp: iso(Date.now()),
  data: { visitor, host, site, scheduledAt: iso(scheduledAt), ...more },
})

/** Throws Refusal unless the visit has the status that the action needs. */
const expectStatus = (visit: PlatformVisit, wanted: VisitStatus): PlatformVisit => {
  if (visit.status === wanted) return visit
  throw new Refusal(409, statusTexts[visit.status])
}

const statusTexts: Readonly<Record<VisitStatus, string>> = {
  planned: 'The visitor has not checked in yet.',
  checked_in: 'The visitor has already checked in.',
  checked_out: 'The visitor has already left.',
  cancelled: 'The visit was cancelled.',
}

/** Badges are numbered in the order of check-ins. */
const nextBadge = (database: Database): string => {
  const row = database.one<{ count: number }>(
    `SELECT count(*) AS count FROM outbox WHERE json_extract(event, '$.type') = 'visit.checked_in'`,
  )
  return String(101 + (row?.count ?? 0))
}

const iso = (at: number): string => new Date(at).toISOString()
