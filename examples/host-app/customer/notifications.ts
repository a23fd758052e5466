import type { Database } from '../database.ts'

/** A message to a host, with whether the host has read it. */
export interface Notification {
  readonly id: number
  readonly visitId: string
  readonly title: string
  readonly text: string
  readonly at: number
  readonly read: boolean
}

export const notificationTables = `
  CREATE TABLE IF NOT EXISTS notifications (
    id INTEGER PRIMARY KEY AUTOINCREMENT, hostId TEXT NOT NULL, visitId TEXT NOT NULL, title TEXT NOT NULL, text TEXT NOT NULL,
    at INTEGER NOT NULL, read INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE INDEX IF NOT EXISTS notificationsOfHost ON notifications (hostId, id);
`
const mostShown = 50

export const createNotifications = (database: Database) => ({
  add: (hostId: string, { visitId, title, text, at }: Omit<Notification, 'id' | 'read'>): Notification => {
    const { id } = database.one<{ id: number }>(
      'INSERT INTO notifications (hostId, visitId, title, text, at) VALUES (?, ?, ?, ?, ?) RETURNING id',
      hostId,
      visitId,
      title,
      text,
      at,
    ) ?? { id: 0 }
    return { id, visitId, title, text, at, read: false }
  },
  /** The host's notifications after one of them, newest first. */
  ofHost: (hostId: string, afterId = 0): Notification[] =>
    database
      .all<Omit<Notification, 'read'> & { read: number }>(
        'SELECT id, visitId, title, text, at, read FROM notifications WHERE hostId = ? AND id > ? ORDER BY id DESC LIMIT ?',
        hostId,
        afterId,
        mostShown,
      )
      .map(row => ({ ...row, read: row.read === 1 })),
  markRead: (hostId: string): void => {
    database.run('UPDATE notifications SET read = 1 WHERE hostId = ?', hostId)
  },
})

export type Notifications = ReturnType<typeof createNotifications>
