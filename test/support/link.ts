import { connect, createServer, type Socket } from 'node:net'
import type { ExecutionContext } from 'ava'

/** A TCP link to a server of the run, which a test can slow down and cut. */
export interface Link {
  /** This url of the server, by way of the link. */
  through(url: string): string
  /** Delays everything by this time, each way. */
  slow(ms: number): void
  /** Ends all connections and refuses new ones. */
  cut(): void
  /** Keeps all connections, and lets nothing through. */
  silence(): void
  heal(): void
}

export const startLink = async (t: ExecutionContext, server: string): Promise<Link> => {
  const { hostname, port } = new URL(server)
  const sockets = new Set<Socket>()
  let delayMs = 0
  let state: 'up' | 'cut' | 'silent' = 'up'
  const pipe = (from: Socket, to: Socket) => {
    sockets.add(from)
    from.setNoDelay(true)
    from.on('data', data => {
      const pass = () => void (state !== 'silent' && !to.destroyed && to.write(data))
      if (delayMs === 0) pass()
      else setTimeout(pass, delayMs)
    })
    from.on('error', () => undefined)
    from.on('close', () => {
      sockets.delete(from)
      to.destroy()
    })
  }
  const listener = createServer(inner => {
    if (state !== 'up') return void inner.destroy()
    const outer = connect(Number(port), hostname)
    pipe(inner, outer)
    pipe(outer, inner)
    return undefined
  })
  await new Promise<void>(resolve => listener.listen(0, '127.0.0.1', resolve))
  const own = (listener.address() as { port: number }).port
  const cut = () => {
    state = 'cut'
    for (const socket of sockets) socket.destroy()
  }
  t.teardown(() => {
    cut()
    listener.close()
  })
  return {
    through: url => {
      const changed = new URL(url)
      changed.hostname = '127.0.0.1'
      changed.port = String(own)
      // The members of a replica set are known by their own addresses, past the link.
      changed.searchParams.delete('replicaSet')
      changed.searchParams.set('directConnection', 'true')
      return changed.href
    },
    slow: ms => (delayMs = ms),
    cut,
    silence: () => (state = 'silent'),
    heal: () => {
      // What was silent has lost bytes: those connections cannot go on.
      if (state === 'silent') for (const socket of sockets) socket.destroy()
      state = 'up'
    },
  }
}
