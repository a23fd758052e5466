import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import test, { type ExecutionContext } from 'ava'
import { buildConnector, type Dispatcher } from 'undici'
import { createConnections } from './connections.ts'

/** A server that answers 204 when `answer` resolves; `sockets` holds one for each request. */
const serve = async (t: ExecutionContext, answer: () => Promise<void> = async () => undefined) => {
  const sockets: Socket[] = []
  const server = createServer((request, response) => {
    sockets.push(request.socket)
    void answer().then(() => response.writeHead(204).end())
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => (server.closeAllConnections(), server.close()))
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, sockets }
}

const connecting = (t: ExecutionContext, change: { maxAgeMs?: number; maxSockets?: number; chance?: number } = {}) => {
  const { maxAgeMs = 1_000, maxSockets = Infinity, chance = 0 } = change
  let [now, connectors] = [0, 0]
  const connections = createConnections({
    createConnector: () => {
      connectors += 1
      return buildConnector({ timeout: 5_000 })
    },
    maxAgeMs,
    maxSockets,
    now: () => now,
    chance: () => chance,
  })
  t.teardown(connections.close)
  const send = async (origin: string) => {
    // Undici reports the end of an answer a moment before its connection is free again.
    await new Promise(setImmediate)
    return connections.use(
      origin,
      dispatcher =>
        new Promise<number | string>(resolve => {
          let status = 0
          const handler: Dispatcher.DispatchHandler = {
            onRequestStart: () => undefined,
            onResponseStart: (_, found) => void (status = found),
            onResponseData: () => undefined,
            onResponseEnd: () => resolve(status),
            onResponseError: (_, error) => resolve((error as NodeJS.ErrnoException).code ?? String(error)),
          }
          dispatcher.dispatch({ path: '/', method: 'POST' }, handler)
        }),
    )
  }
  return { connections, send, pass: (ms: number) => void (now += ms), connectors: () => connectors }
}

/** Resolves when as many sockets are open. */
const whenOpen = async (connections: { sockets(): number }, count: number) => {
  while (connections.sockets() !== count) await new Promise(setImmediate)
}

test('a connection is used again until its age, however busy it is; then a new connector makes a new one', async t => {
  const { origin, sockets } = await serve(t)
  const { connections, send, pass, connectors } = connecting(t)
  for (const ms of [0, 500, 499]) {
    pass(ms)
    t.is(await send(origin), 204)
  }
  t.is(new Set(sockets).size, 1)
  t.is(connectors(), 1)
  pass(1)
  t.is(await send(origin), 204)
  t.is(new Set(sockets).size, 2)
  t.is(connectors(), 2)
  await whenOpen(connections, 1)
})

test('the age varies by a fifth, so that not all connections end at the same moment', async t => {
  const { origin } = await serve(t)
  const { send, pass, connectors } = connecting(t, { chance: 1 })
  await send(origin)
  pass(799)
  await send(origin)
  t.is(connectors(), 1)
  pass(1)
  await send(origin)
  t.is(connectors(), 2)
})

test('a request under way is answered on the old connection, while new ones use another', async t => {
  const slow = Promise.withResolvers<void>()
  let first = true
  const { origin, sockets } = await serve(t, () => {
    const answer = first ? slow.promise : Promise.resolve()
    first = false
    return answer
  })
  const { connections, send, pass } = connecting(t)
  const answered = send(origin)
  while (sockets.length < 1) await new Promise(setImmediate)
  pass(1_000)
  t.is(await send(origin), 204)
  t.not(sockets[1], sockets[0])
  slow.resolve()
  t.is(await answered, 204)
  await whenOpen(connections, 1)
})

test('at the limit of sockets the idle ones that were not used for the longest time are closed', async t => {
  const [one, two, three] = [await serve(t), await serve(t), await serve(t)]
  const { connections, send } = connecting(t, { maxSockets: 2 })
  await send(one.origin)
  await send(two.origin)
  await send(one.origin)
  t.is(connections.sockets(), 2)
  t.is(await send(three.origin), 204)
  await whenOpen(connections, 2)
  await send(one.origin)
  t.is(new Set(one.sockets).size, 1, 'it was used last')
  await send(two.origin)
  t.is(new Set(two.sockets).size, 2)
})

test('a socket that is in use is never closed for another one', async t => {
  const slow = Promise.withResolvers<void>()
  const [busy, other] = [await serve(t, () => slow.promise), await serve(t)]
  const { send } = connecting(t, { maxSockets: 1 })
  const answered = send(busy.origin)
  while (busy.sockets.length < 1) await new Promise(setImmediate)
  t.is(await send(other.origin), 204)
  slow.resolve()
  t.is(await answered, 204)
})

test('nothing is kept of an origin without a connection', async t => {
  const { origin } = await serve(t)
  const { connections, send, connectors } = connecting(t)
  t.is(await send('http://127.0.0.1:9'), 'ECONNREFUSED')
  t.is(connections.sockets(), 0)
  t.is(await send('http://127.0.0.1:9'), 'ECONNREFUSED')
  t.is(connectors(), 2)
  await send(origin)
  await connections.close()
  await whenOpen(connections, 0)
})

test('what is idle can be closed at once, and what is in use stays', async t => {
  const slow = Promise.withResolvers<void>()
  const [busy, idle] = [await serve(t, () => slow.promise), await serve(t)]
  const { connections, send } = connecting(t)
  await send(idle.origin)
  const answered = send(busy.origin)
  while (busy.sockets.length < 1) await new Promise(setImmediate)
  connections.closeIdle()
  await whenOpen(connections, 1)
  slow.resolve()
  t.is(await answered, 204)
})

test('a close cuts off what is under way, also on old connections', async t => {
  const { origin, sockets } = await serve(t, () => new Promise(() => undefined))
  const { connections, send, pass } = connecting(t)
  const first = send(origin)
  while (sockets.length < 1) await new Promise(setImmediate)
  pass(1_000)
  const second = send(origin)
  while (sockets.length < 2) await new Promise(setImmediate)
  await connections.close()
  t.deepEqual(await Promise.all([first, second]), ['UND_ERR_DESTROYED', 'UND_ERR_DESTROYED'])
})
