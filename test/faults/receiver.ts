import { createServer, type Server } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'

/** How the receiver treats one request. Raw answers are written to the socket as they are. */
export type Treatment = 'take' | 'refuse' | { readonly raw: string; readonly dripMs?: number; readonly taken: boolean }

/** A receiver that notes each arrival it took, and can die and come back on the same port. */
export interface FaultReceiver {
  readonly url: string
  /** Event id → moments at which it was taken, ms. */
  readonly taken: ReadonlyMap<string, readonly number[]>
  /** Treats each request by this from now on. */
  treat(how: (id: string, attempt: number) => Treatment): void
  die(): Promise<void>
  returnToLife(): Promise<void>
  /** Resolves when so many different events were taken. */
  count(wanted: number): Promise<void>
  stop(): Promise<void>
}

export const startFaultReceiver = async (): Promise<FaultReceiver> => {
  const taken = new Map<string, number[]>()
  const waiting = new Set<() => void>()
  let treatment: (id: string, attempt: number) => Treatment = () => 'take'
  const take = (id: string) => {
    const moments = taken.get(id)
    if (moments === undefined) taken.set(id, [Date.now()])
    else moments.push(Date.now())
    waiting.forEach(check => check())
  }
  const make = (): Server =>
    createServer({ keepAliveTimeout: 30_000 }, (request, response) => {
      request.resume()
      request.on('end', () => {
        const id = String(request.headers['webhook-id'])
        const how = treatment(id, Number(request.headers['webhook-attempt']))
        if (how === 'refuse') return void response.writeHead(500).end()
        if (how === 'take') {
          take(id)
          return void response.writeHead(204).end()
        }
        if (how.taken) take(id)
        return void answerRaw(request.socket, how.raw, how.dripMs)
      })
    })
  let server = make()
  const listen = (port: number) => new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve))
  await listen(0)
  const { port } = server.address() as AddressInfo
  const die = () =>
    new Promise<void>(resolve => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return {
    url: `http://127.0.0.1:${port}/hook`,
    taken,
    treat: how => void (treatment = how),
    die,
    returnToLife: () => {
      server = make()
      return listen(port)
    },
    count: wanted =>
      new Promise(resolve => {
        const check = () => {
          if (taken.size < wanted) return
          waiting.delete(check)
          resolve()
        }
        waiting.add(check)
        check()
      }),
    stop: die,
  }
}

const answerRaw = async (socket: Socket, raw: string, dripMs: number | undefined): Promise<void> => {
  socket.on('error', () => undefined)
  if (dripMs === undefined) return void socket.end(raw)
  for (const character of raw) {
    if (socket.destroyed) return undefined
    socket.write(character)
    await wait(dripMs)
  }
  socket.end()
  return undefined
}

/** A port on which nothing listens now. */
export const closedPort = async (): Promise<number> => {
  const server = createTcpServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise(resolve => server.close(resolve))
  return port
}
