import type { SeenIds, WebhookEvent } from 'doorbell/receiver'
import type { Database } from '../database.ts'
import type { Live } from '../live.ts'
import type { Notifications } from './notifications.ts'
import { showVisit, type Visit, type Visits } from './visits.ts'

export const seenTables = `CREATE TABLE IF NOT EXISTS seen (id TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT;`

/** Longer than the 72 h for which Doorbell retries. */
const keptForMs = 4 * 24 * 60 * 60_000

/** Remembers the ids of processed events in a table, so that they survive a restart. */
export const createSeenIds = (database: Database): SeenIds => ({
  has: id => database.one('SELECT 1 FROM seen WHERE id = ?', id) !== null,
  add: id => {
    database.run('INSERT OR IGNORE INTO seen VALUES (?, ?)', id, Date.now())
    database.run('DELETE FROM seen WHERE at < ?', Date.now() - keptForMs)
  },
})

interface Parts {
  readonly database: Database
  readonly visits: Visits
  readonly notifications: Notifications
  readonly live: Live
}

/** Returns a function that processes one verified event. Only such events tell the app that a visitor has arrived or left. */
export const createEventHandler =
  ({ database, visits, notifications, live }: Parts) =>
  (event: WebhookEvent): void => {
    if (event.test === true) return
    const before = visits.get(event.visitId)
    // The visit was planned elsewhere and belongs to none of the app's hosts.
    if (before === null) return
    const after = changed(before, event)
    // The event is older than the known state: it is late, or arrived a second time.
    if (after === null) return
    const notification = database.atomically(() => {
      visits.change(after)
      return event.type === 'visit.checked_in' ? notifications.add(after.hostId, arrival(after, event)) : null
    })
    live.publish(after.hostId, { event: 'visit', data: showVisit(after) })
    if (notification !== null)
      live.publish(after.hostId, { event: 'notification', id: notification.id, data: notification })
  }

/** The visit after the event; null when the event changes nothing. */
const changed = (visit: Visit, event: WebhookEvent): Visit | null => {
  const { sequence = visit.sequence + 1 } = event
  const at = Date.parse(event.timestamp)
  if (sequence <= visit.sequence) return null
  if (event.type === 'visit.checked_in') return { ...visit, sequence, status: 'checked_in', checkedInAt: at }
  if (event.type === 'visit.checked_out') return { ...visit, sequence, status: 'checked_out', checkedOutAt: at }
  if (event.type === 'visit.cancelled') return { ...visit, sequence, status: 'cancelled' }
  return null
}

const arrival = (visit: Visit, event: WebhookEvent) => {
  // The app knows the name itself, since a thin event has no data.
  const { visitor } = showVisit(visit)
  const { entrance, badge } = (event.data ?? {}) as { entrance?: string; badge?: string }
  return {
    visitId: visit.id,
    title: `${visitor.name} has arrived`,
    text: [visitor.company, entrance, badge === undefined ? undefined : `badge ${badge}`]
      .filter(part => part !== undefined && part !== '')
      .join(' · '),
    at: visit.checkedInAt ?? Date.now(),
  }
}
