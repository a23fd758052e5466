import { once } from 'node:events'
import { Agent, type IncomingMessage, request } from 'node:http'
import { connect, type Socket } from 'node:net'
import test, { type ExecutionContext } from 'ava'
import { keepAliveMs, openHttpServer } from './http-server.ts'
import { Failure } from '../domain/failure.ts'

const open = async (t: ExecutionContext, change: { port?: number; host?: string; publicUrl?: string } = {}) => {
  const http = await openHttpServer({ host: '127.0.0.1', port: 0, publicUrl: null, ...change })
  t.teardown(http.close)
  return http
}

test('a process answers 503 with Retry-After until it serves, and its url is the public one unless another is set', async t => {
  const http = await open(t)
  t.regex(http.url, /^http:\/\/127\.0\.0\.1:\d+$/)
  t.is(http.publicUrl, http.url)
  const answer = await fetch(http.url)
  t.deepEqual([answer.status, answer.headers.get('retry-after')], [503, '1'])
  t.is(answer.headers.get('content-type'), 'application/problem+json')
  t.deepEqual(await answer.json(), {
    type: 'about:blank',
    title: 'This process is starting',
    status: 503,
    code: 'starting',
    detail: 'It will take requests in a moment. Retry the request.',
    traceId: null,
  })
  http.serve((_, response) => void response.writeHead(204).end())
  const served = await fetch(http.url)
  t.deepEqual([served.status, served.headers.get('connection')], [204, 'keep-alive'])
  t.is((await open(t, { publicUrl: 'https://doorbell.test' })).publicUrl, 'https://doorbell.test')
  t.regex((await open(t, { host: '::1' })).url, /^http:\/\/\[::1\]:\d+$/)
})

test('an idle connection is kept longer than the 60 s of load balancers, and the answer says for how long', async t => {
  const http = await open(t)
  const answer = await fetch(http.url)
  await answer.text()
  t.is(answer.headers.get('keep-alive'), `timeout=${keepAliveMs / 1_000}`)
  t.true(keepAliveMs > 60_000)
})

test('a port that is in use is named with its setting', async t => {
  const { port } = new URL((await open(t)).url)
  const error = await t.throwsAsync(open(t, { port: Number(port) }), { instanceOf: Failure, code: 'conflict' })
  t.regex(error.message, new RegExp(`^Port ${port} of 127\\.0\\.0\\.1 is in use\\..* PORT `))
})

test('an address that this machine does not have is named with its setting', async t => {
  const error = await t.throwsAsync(open(t, { host: '192.0.2.1' }), { instanceOf: Failure, code: 'invalid_settings' })
  t.is(error.message, 'Cannot listen on 192.0.2.1 (EADDRNOTAVAIL). Set HOST to an address of this machine.')
})

test('while a start waits, the process says that it lives, and everything else what it waits for and since when', async t => {
  const since = Date.parse('2026-03-02T09:00:00Z')
  const http = await openHttpServer({ host: '127.0.0.1', port: 0, publicUrl: null }, () => ({ what: 'MongoDB', since }))
  t.teardown(http.close)
  const alive = await fetch(`${http.url}/livez?x`)
  t.deepEqual([alive.status, await alive.json()], [200, { status: 'ok' }])
  for (const path of ['/readyz', '/livez/x', '/v1/tenants']) {
    const answer = await fetch(http.url + path)
    t.is(answer.status, 503)
    const detail = 'It has been waiting for MongoDB since 2026-03-02T09:00:00.000Z. Retry the request.'
    t.like(await answer.json(), { code: 'starting', detail })
  }
})

test('a request that cannot be read is answered with a problem', async t => {
  const http = await open(t)
  const answer = Promise.withResolvers<number | undefined>()
  const sent = request(http.url, { headers: { 'x-large': 'x'.repeat(20_000) } }, response =>
    answer.resolve(response.statusCode),
  )
  sent.on('error', answer.reject).end()
  t.is(await answer.promise, 431)
})

test('a process that stops finishes requests under way, whose answers close the connection, and takes no new one', async t => {
  const http = await open(t)
  const agent = new Agent({ keepAlive: true })
  t.teardown(() => agent.destroy())
  const release = Promise.withResolvers<void>()
  const arrivals: (() => void)[] = []
  http.serve((asked, response) => {
    const answer = () => response.writeHead(204).end()
    if (asked.url === '/at-once') return answer()
    arrivals.forEach(arrived => arrived())
    return void release.promise.then(answer)
  })
  const sockets: Socket[] = []
  const get = (path: string) =>
    new Promise<IncomingMessage>((resolve, reject) =>
      request(http.url + path, { agent }, answer => resolve(answer.resume()))
        .on('socket', socket => sockets.push(socket))
        .on('error', reject)
        .end(),
    )
  // Two connections: one has a request under way, the other is idle.
  const arrived = new Promise<void>(resolve => arrivals.push(resolve))
  const underWay = get('/')
  await arrived
  await get('/at-once')
  const idleCloses = once(sockets[1] as Socket, 'close')

  let closed = false
  const closing = http.stopListening().then(() => (closed = true))
  await idleCloses
  await t.throwsAsync(fetch(http.url))
  t.false(closed)
  release.resolve()
  const answer = await underWay
  t.deepEqual([answer.statusCode, answer.headers.connection], [204, 'close'])
  await closing
  await http.stopListening()
})

test('a request on a connection that is left when the process stops is answered with “Connection: close”', async t => {
  const http = await open(t)
  http.serve((_, response) => void response.writeHead(204).end())
  const { hostname, port } = new URL(http.url)
  const socket = connect(Number(port), hostname)
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n')
  await once(socket, 'connect')
  // The server has begun to read this request, so the connection is not idle.
  await fetch(http.url)
  void http.stopListening()
  socket.write('\r\n')
  const [data] = (await once(socket, 'data')) as [Buffer]
  t.regex(String(data), /^HTTP\/1\.1 204.*\r\nConnection: close\r\n/s)
})

test('requests that do not end lose their connection', async t => {
  for (const end of ['disconnect', 'close'] as const) {
    const http = await open(t)
    const arrived = Promise.withResolvers<void>()
    http.serve(() => arrived.resolve())
    const underWay = fetch(http.url).then(
      () => 'answered',
      () => 'disconnected',
    )
    await arrived.promise
    if (end === 'disconnect') http.disconnect()
    else await http.close()
    t.is(await underWay, 'disconnected')
  }
})
