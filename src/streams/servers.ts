/** Where the servers are and who we are to them, as the client wants it. */
export interface Servers {
  readonly servers: string[]
  readonly user?: string
  readonly pass?: string
  readonly token?: string
}

/**
 * Reads `NATS_URL`: the client takes no name from a url by itself. As NATS has it, `nats://name:password@host` is a user and
 * `nats://token@host` a token; the first that there is holds for all of the servers.
 */
export const readServers = (url: string): Servers => {
  const urls = url.split(',').map(text => new URL(text))
  const servers = urls.map(({ protocol, host }) => `${protocol}//${host}`)
  const named = urls.find(({ username }) => username !== '')
  if (named === undefined) return { servers }
  const [user, pass] = [decodeURIComponent(named.username), decodeURIComponent(named.password)]
  return pass === '' ? { servers, token: user } : { servers, user, pass }
}
