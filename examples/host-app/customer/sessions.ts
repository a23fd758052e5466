import { createHash, randomBytes } from 'node:crypto'
import type { Context } from 'koa'
import type { Database } from '../database.ts'
import { Refusal } from '../refusal.ts'
import { type Host, hostOf } from './people.ts'

export const sessionTables = `
  CREATE TABLE IF NOT EXISTS sessions (hash TEXT PRIMARY KEY, hostId TEXT NOT NULL, at INTEGER NOT NULL) STRICT;
`
const cookie = 'host_app_session'
const lastsMs = 30 * 24 * 60 * 60_000

/** Sessions of hosts: a cookie, whose token is stored as a hash. In this example choosing a name is enough; use your identity provider instead. */
export const createSessions = (database: Database) => ({
  start: (context: Context, hostId: string): Host => {
    const host = hostOf(hostId)
    if (host === undefined) throw new Refusal(404, 'This host does not exist.')
    const token = randomBytes(24).toString('base64url')
    database.run('DELETE FROM sessions WHERE at < ?', Date.now() - lastsMs)
    database.run('INSERT INTO sessions VALUES (?, ?, ?)', hashOf(token), host.id, Date.now())
    context.cookies.set(cookie, token, { httpOnly: true, sameSite: 'strict', maxAge: lastsMs })
    return host
  },
  host: (context: Context): Host | null => {
    const token = context.cookies.get(cookie)
    if (token === undefined) return null
    const found = database.one<{ hostId: string }>(
      'SELECT hostId FROM sessions WHERE hash = ? AND at > ?',
      hashOf(token),
      Date.now() - lastsMs,
    )
    return (found && hostOf(found.hostId)) ?? null
  },
  end: (context: Context): void => {
    database.run('DELETE FROM sessions WHERE hash = ?', hashOf(context.cookies.get(cookie) ?? ''))
    context.cookies.set(cookie, null)
  },
})

export type Sessions = ReturnType<typeof createSessions>

const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex')
