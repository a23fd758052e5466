import type { SeenIds, WebhookEvent } from 'doorbell/receiver'
import type { Database } from '../database.ts'
import type { Live } from '../live.ts'
import type { Notifications } from './notifications.ts'
import { showVisit, type Visit, type Visits } from './visits.ts'

export const seenTables = `CREATE TABLE IF NOT EXISTS seen (id TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT;`

/** Outlasts the 72 h over which Doorbell tries again. */
const keptForMs = 4 * 24 * 60 * 60_000

/** Ids of events that were worked on; unlike the kit's own, these survive a restart. */
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

/** Works on one verified event: the only way by which the app learns that somebody came or left. */
export const createEventWork =
  ({ database, visits, notifications, live }: Parts) =>
  (event: WebhookEvent): void => {
    if (event.test === true) return
    const before = visits.get(event.visitId)
    // A visit that somebody else planned: it concerns none of our hosts.
    if (before === null) return
    const after = changed(before, event)
    // What is older than what we know: it came late, or once more.
    if (after === null) return
    const notification = database.atomically(() => {
      visits.change(after)
      return event.type === 'visit.checked_in' ? notifications.add(after.hostId, arrival(after, event)) : null
    })
    live.tell(after.hostId, { event: 'visit', data: showVisit(after) })
    if (notification !== null)
      live.tell(after.hostId, { event: 'notification', id: notification.id, data: notification })
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
  // The name is our own: also a thin event, which has no data, tells who came.
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
