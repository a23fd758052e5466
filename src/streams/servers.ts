import { Failure } from '../domain/failure.ts'

/** Server addresses and credentials, in the form of the NATS client's options. */
export interface Servers {
  readonly servers: string[]
  readonly user?: string
  readonly pass?: string
  readonly token?: string
}

/**
 * Reads `NATS_URL`; the client itself takes no credentials from a url. As usual in NATS, `nats://name:password@host` is a user and
 * `nats://token@host` a token; the first credentials count for all servers. A server without a protocol gets the first one's. Throws
 * Failure `invalid_settings`.
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
  if (url === null || url.host === '') throw unreadable('contains a server that is not a valid address')
  return url
}

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    throw unreadable('contains a % in its user or password that starts no escape sequence: write %25 instead')
  }
}

/** The message leaves the url out, since it may contain a password. */
const unreadable = (why: string): Failure => new Failure('invalid_settings', `NATS_URL ${why}.`)
