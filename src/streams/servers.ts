import { Failure } from '../domain/failure.ts'

/** Where the servers are and who we are to them, as the client wants it. */
export interface Servers {
  readonly servers: string[]
  readonly user?: string
  readonly pass?: string
  readonly token?: string
}

/**
 * Reads `NATS_URL`: the client takes no name from a url by itself. As NATS has it, `nats://name:password@host` is a user and
 * `nats://token@host` a token; the first that there is holds for all of the servers. A later server without a protocol has the first
 * one's. Throws Failure `invalid_settings`.
 */
export const readServers = (url: string): Servers => {
  const [first = '', ...others] = url.split(',').map(text => text.trim())
  const { protocol } = serverAt(first)
  const urls = [first, ...others.map(text => (text.includes('://') ? text : `${protocol}//${text}`))].map(serverAt)
  const servers = urls.map(one => `${one.protocol}//${one.host}`)
  const named = urls.find(({ username }) => username !== '')
  if (named === undefined) return { servers }
  const [user, pass] = [decoded(named.username), decoded(named.password)]
  return pass === '' ? { servers, token: user } : { servers, user, pass }
}

const serverAt = (text: string): URL => {
  const url = URL.parse(text)
  if (url === null || url.host === '') throw unreadable('names a server that is no address')
  return url
}

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    throw unreadable('has a % in its user or password that begins no code: write %25 for it')
  }
}

/** Without the url itself: a password may stand in it. */
const unreadable = (why: string): Failure => new Failure('invalid_settings', `NATS_URL ${why}.`)
