import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import type { ExecutionContext } from 'ava'

/** A TCP link to a real server with the faults of a model's link. A silent one loses nothing: it holds what is sent, as the network does. */
export interface HeldLink {
  readonly port: number
  cut(how: 'silent' | 'closed'): void
  heal(): Promise<void>
}

export const startHeldLink = async (t: ExecutionContext, serverUrl: string): Promise<HeldLink> => {
  const { hostname, port } = new URL(serverUrl)
  const sockets = new Set<Socket>()
  let state: 'up' | 'silent' | 'closed' = 'up'

  const pipe = (from: Socket, to: Socket) => {
    sockets.add(from)
    from.setNoDelay(true)
    from.on('data', data => void (!to.destroyed && to.write(data)))
    from.on('error', () => undefined)
    from.on('close', () => {
      sockets.delete(from)
      to.destroy()
    })
    if (state === 'silent') from.pause()
  }
  const listener = createServer(inner => {
    const outer = connect(Number(port), hostname)
    pipe(inner, outer)
    return pipe(outer, inner)
  })
  const listen = async (at: number) => {
    listener.listen(at, '127.0.0.1')
    await once(listener, 'listening')
    return (listener.address() as { port: number }).port
  }
  const own = await listen(0)
  const closeAll = () => sockets.forEach(socket => socket.destroy())
  t.teardown(() => {
    closeAll()
    listener.close()
  })
  return {
    port: own,
    cut: how => {
      state = how
      if (how === 'silent') return sockets.forEach(socket => socket.pause())
      listener.close()
      return closeAll()
    },
    heal: async () => {
      const wasClosed = state === 'closed'
      state = 'up'
      if (wasClosed) await listen(own)
      sockets.forEach(socket => socket.resume())
    },
  }
}
