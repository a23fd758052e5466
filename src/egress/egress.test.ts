import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { createSecureServer as createSecureHttp2Server, createServer as createHttp2Server } from 'node:http2'
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import test, { type ExecutionContext } from 'ava'
import { startNameServer } from '../../test/support/name-server.ts'
import { createEgress, type EgressOptions } from './egress.ts'

const never = new AbortController().signal

const egress = (t: ExecutionContext, change: Partial<EgressOptions> = {}) => {
  const made = createEgress({ allow: ['127.0.0.0/8'], http: true, ...change })
  t.teardown(made.close)
  return (url: string, timeoutMs = 20_000, signal = never) =>
    made.post({ tenant: 'acme', url, headers: { 'x-a': 'b' }, body: '{}', timeoutMs, signal })
}

const serve = async (t: ExecutionContext, listener: RequestListener): Promise<string> => {
  const server = createServer(listener)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => (server.closeAllConnections(), server.close()))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

/** A server that answers with raw bytes, or misbehaves. */
const serveRaw = async (t: ExecutionContext, act: (socket: Socket) => void): Promise<string> => {
  const sockets = new Set<Socket>()
  const server = createTcpServer(socket => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.once('data', () => act(socket))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => (sockets.forEach(socket => socket.destroy()), server.close()))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

test('an answer is reported with its status and body', async t => {
  const url = await serve(t, (request, response) =>
    response.writeHead(200).end(`${request.method} ${String(request.headers['x-a'])}`),
  )
  t.like(await egress(t)(url), { type: 'answered', status: 200, response: 'POST b' })
})

test('a redirect is an answer and is not followed', async t => {
  let followed = false
  const target = await serve(t, (_, response) => ((followed = true), response.end()))
  const url = await serve(t, (_, response) => response.writeHead(302, { location: target }).end())
  t.like(await egress(t)(url), { type: 'answered', status: 302, location: target })
  t.false(followed)
})

test('the target of a redirect is shown as a url is: complete, without credentials, query values and fragment', async t => {
  const cases: readonly [status: number, location: string | undefined, shown: string | undefined][] = [
    [302, '/done?key=secret#part', '/done?key=***'],
    [303, 'https://user:password@elsewhere.example/done?secret', 'https://elsewhere.example/done?***'],
    [301, '//elsewhere.example', 'http://elsewhere.example/'],
    [307, `https://elsewhere.example/${'x'.repeat(1_000)}`, `https://elsewhere.example/${'x'.repeat(474)}`],
    [302, 'mailto:someone@example.com', undefined],
    [302, 'http://', undefined],
    [302, undefined, undefined],
    [200, '/done', undefined],
  ]
  for (const [status, location, shown] of cases) {
    const url = await serve(t, (_, response) =>
      response.writeHead(status, location === undefined ? {} : { location }).end(),
    )
    const outcome = await egress(t)(url)
    const expected = shown?.startsWith('/') === true ? new URL(shown, url).href : shown
    t.is(outcome.type === 'answered' ? outcome.location : 'no answer', expected, `${status} ${location ?? ''}`)
  }
})

test('an endpoint that speaks HTTP/2 only is named as such, without TLS too', async t => {
  const server = createHttp2Server()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  t.like(await egress(t)(`http://127.0.0.1:${port}/`), { type: 'unanswered', error: 'http2_only' })
})

test('an endless answer is cut off after 4 KiB, whatever the receiver still sends', async t => {
  const bytes = 32 * 1024 * 1024
  const whole = Promise.withResolvers<'cut off' | 'read to its end'>()
  const url = await serve(t, (_, response) => {
    response.once('close', () => whole.resolve(response.writableFinished ? 'read to its end' : 'cut off'))
    response.end('x'.repeat(bytes))
  })
  const outcome = await egress(t)(url)
  t.is(outcome.type === 'answered' ? outcome.response.length : 0, 4_096)
  t.is(await whole.promise, 'cut off')
})

test('an interim answer such as 103 is not the answer', async t => {
  const url = await serve(t, (_, response) => {
    response.writeEarlyHints({ link: '</a>; rel=preload' }, () => response.writeHead(500).end('failed'))
  })
  t.like(await egress(t)(url), { type: 'answered', status: 500, response: 'failed' })
})

test('attempts at one endpoint do not wait for one another, and later ones use their connections again', async t => {
  const [all, count] = [Promise.withResolvers<void>(), 20]
  const sockets = new Set<unknown>()
  let open = 0
  const url = await serve(t, (request, response) => {
    sockets.add(request.socket)
    if (++open === count) all.resolve()
    void all.promise.then(() => response.end())
  })
  const post = egress(t)
  const outcomes = await Promise.all(Array.from({ length: count }, () => post(url, 10_000)))
  t.true(outcomes.every(outcome => outcome.type === 'answered'))
  t.is(sockets.size, count)
  for (let more = 0; more < count; more += 1) t.like(await post(url), { status: 200 })
  // The first one came when the connections were not free yet.
  t.true(sockets.size <= count + 1)
})

test('the head of an answer may have 16 KiB', async t => {
  const withHead = (bytes: number) =>
    serve(t, (_, response) => response.writeHead(200, { 'x-a': 'b'.repeat(bytes) }).end())
  const post = egress(t)
  t.like(await post(await withHead(15 * 1024)), { status: 200 })
  t.like(await post(await withHead(17 * 1024)), { error: 'reset' })
})

test('a request that was given up before it began is not sent', async t => {
  let asked = false
  const url = await serve(t, (_, response) => ((asked = true), response.end()))
  t.like(await egress(t)(url, 1_000, AbortSignal.abort()), { error: 'own_fault' })
  t.false(asked)
})

test('a connection that is not made within the connect timeout is given up, while another request still waits for its answer', async t => {
  const slow = Promise.withResolvers<void>()
  const url = await serve(t, (_, response) => void slow.promise.then(() => response.end()))
  // It accepts the connection, and never says a word of TLS.
  const mute = (await serveRaw(t, () => undefined)).replace('http:', 'https:')
  const post = egress(t, { connectTimeoutMs: 50 })
  const answered = post(url)
  const lost = await post(mute)
  t.like(lost, { type: 'unanswered', error: 'connect_timeout' })
  // Long before undici's own timeout, 10 s, and that of the request.
  t.true(lost.tookMs < 9_000)
  slow.resolve()
  t.like(await answered, { status: 200 })
})

test('an answer with a broken body counts as given', async t => {
  const post = egress(t)
  const half = (status: string) =>
    serveRaw(t, socket => socket.end(`HTTP/1.1 ${status}\r\ncontent-length: 100\r\n\r\nabc`))
  t.like(await post(await half('200 OK')), { type: 'answered', status: 200, response: 'abc' })
  t.like(await post(await half('500 Oops')), { type: 'answered', status: 500, response: 'abc' })
})

test('a name that is not resolved in time is not a silent endpoint: it is the name’s fault, or ours if no name is resolved', async t => {
  const url = await serve(t, (_, response) => response.writeHead(204).end())
  const { port } = new URL(url)
  const resolveAll = async (host: string) =>
    host === 'good.example' ? [{ address: '127.0.0.1', family: 4 }] : new Promise<never>(() => undefined)
  const post = egress(t, { resolveAll, lookUpTimeoutMs: 20 })
  t.like(await post('http://bad.example/', 1), { type: 'unanswered', error: 'own_fault' })
  t.like(await post(`http://good.example:${port}/`), { status: 204 })
  t.like(await post('http://worse.example/', 1), { type: 'unanswered', error: 'dns' })
})

test('the end of the process ends a look-up', async t => {
  const ending = new AbortController()
  const post = egress(t, { resolveAll: () => new Promise(() => ending.abort()) })
  t.like(await post('http://receiver.example/', 1_000, ending.signal), { error: 'own_fault' })
})

test('fifty names that are never resolved do not delay a look-up of another one', async t => {
  const server = await startNameServer(t, name => (name.startsWith('good') ? ['127.0.0.1'] : 'silence'))
  const url = await serve(t, (_, response) => response.writeHead(204).end())
  const { port } = new URL(url)
  const post = egress(t, { dnsServers: [server.address], lookUpTimeoutMs: 2_000 })
  const lost = Array.from({ length: 50 }, (_, n) => post(`http://hang${n}.example:${port}/`))
  const good = await Promise.all(Array.from({ length: 5 }, (_, n) => post(`http://good${n}.example:${port}/`)))
  for (const outcome of good) t.like(outcome, { type: 'answered', status: 204 })
  for (const outcome of await Promise.all(lost)) t.like(outcome, { type: 'unanswered', error: 'dns' })
})

test('an unreachable resolver is our own fault, unreachable name servers of an endpoint are not', async t => {
  const url = await serve(t, (_, response) => response.writeHead(204).end())
  const { port } = new URL(url)
  const resolveAll = async (host: string) => {
    if (host === 'good.example') return [{ address: '127.0.0.1', family: 4 }]
    throw Object.assign(new Error('try again'), { code: 'EAI_AGAIN' })
  }
  const post = egress(t, { resolveAll })
  t.like(await post(`http://bad.example:${port}/`), { error: 'own_fault' })
  t.like(await post(`http://good.example:${port}/`), { status: 204 })
  t.like(await post(`http://worse.example:${port}/`), { error: 'dns' })
})

test('a connection that is closed before the head of an answer is a reset, and so is an answer that is not HTTP', async t => {
  const post = egress(t)
  t.like(await post(await serveRaw(t, socket => socket.destroy())), { type: 'unanswered', error: 'reset' })
  t.like(await post(await serveRaw(t, socket => socket.end('garbage\r\n\r\n'))), { type: 'unanswered', error: 'reset' })
})

/** A port on which nothing listens any more. */
const closedPort = async (): Promise<string> => {
  const server = createTcpServer().listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise(resolve => server.close(resolve))
  return `http://127.0.0.1:${port}/`
}

test('a refused connection and an unknown name are distinguished', async t => {
  const resolveAll = () => Promise.reject(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }))
  const post = egress(t, { resolveAll })
  t.like(await post('http://receiver.example/'), { error: 'dns' })
  t.like(await post(await closedPort()), { error: 'connect' })
})

test('a request that Doorbell ends is our own fault, and is cut off: the receiver sees it end', async t => {
  const [ending, closed] = [new AbortController(), Promise.withResolvers<void>()]
  const url = await serve(t, (_, response) => (response.once('close', closed.resolve), ending.abort()))
  t.like(await egress(t)(url, 20_000, ending.signal), { error: 'own_fault' })
  await closed.promise
})

test('a private address is refused at connect time, as a literal and behind a name', async t => {
  let reached = false
  const url = await serve(t, (_, response) => ((reached = true), response.end()))
  const { port } = new URL(url)
  const post = egress(t, { allow: [], resolveAll: async () => [{ address: '127.0.0.1', family: 4 }] })
  t.like(await post(url), { error: 'refused_address' })
  t.like(await post(`http://receiver.example:${port}/`), { error: 'refused_address' })
  t.like(await post(`http://[::ffff:127.0.0.1]:${port}/`), { error: 'refused_address' })
  t.false(reached)
})

test('the connection goes to the checked address: a name is resolved once for each connection', async t => {
  const url = await serve(t, (_, response) => response.writeHead(204).end())
  const { port } = new URL(url)
  let lookUps = 0
  const resolveAll = async () => [{ address: lookUps++ === 0 ? '127.0.0.1' : '10.0.0.1', family: 4 }]
  t.like(await egress(t, { resolveAll })(`http://receiver.example:${port}/`), { status: 204 })
  t.is(lookUps, 1)
})

test('one bad address among a name’s addresses refuses it', async t => {
  const resolveAll = async () => [
    { address: '127.0.0.1', family: 4 },
    { address: '10.0.0.1', family: 4 },
  ]
  t.like(await egress(t, { resolveAll })('http://receiver.example/'), { error: 'refused_address' })
})

test('when one address of a name does not answer, the next one is tried', async t => {
  const url = await serve(t, (_, response) => response.writeHead(204).end())
  const { port } = new URL(url)
  // Nothing listens at 127.0.0.2: serve() binds only 127.0.0.1.
  const resolveAll = async () => [
    { address: '127.0.0.2', family: 4 },
    { address: '127.0.0.1', family: 4 },
  ]
  t.like(await egress(t, { resolveAll })(`http://receiver.example:${port}/`), { status: 204 })
})

test('a closed client is our own fault, for requests under way and for later ones', async t => {
  const made = createEgress({ allow: ['127.0.0.0/8'], http: true })
  const url = await serve(t, () => void made.close())
  const request = { tenant: 'acme', url, headers: {}, body: '{}', timeoutMs: 20_000, signal: never }
  t.like(await made.post(request), { error: 'own_fault' })
  t.like(await made.post(request), { error: 'own_fault' })
})

/** A self-signed certificate for this name. */
const certificate = (t: ExecutionContext, name: string) => {
  const folder = mkdtempSync(join(tmpdir(), 'doorbell-tls-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const subject = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`, '-days', '1']
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', cert, ...subject], {
    stdio: 'ignore',
  })
  return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') }
}

const whenThereIsOpenssl = spawnSync('openssl', ['version']).status === 0 ? test : test.skip

/** The port of an https server with this certificate, and the names that it was asked for. */
const serveTls = async (t: ExecutionContext, options: { key: string; cert: string }) => {
  const asked: unknown[] = []
  const server = createTlsServer(options, (request, response) => {
    asked.push((request.socket as TLSSocket).servername)
    response.end()
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => (server.closeAllConnections(), server.close()))
  return { port: (server.address() as AddressInfo).port, asked }
}

whenThereIsOpenssl(
  'an https endpoint that accepts HTTP/2 only is named as such, and one that accepts both is served',
  async t => {
    const trusted = certificate(t, 'receiver.example')
    const post = egress(t, { resolveAll: async () => [{ address: '127.0.0.1', family: 4 }], ca: trusted.cert })
    for (const [allowHTTP1, expected] of [
      [false, { type: 'unanswered', error: 'http2_only' }],
      [true, { type: 'answered', status: 204 }],
    ] as const) {
      const server = createSecureHttp2Server({ ...trusted, allowHTTP1 }, (_, response) => response.writeHead(204).end())
      await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
      t.teardown(() => server.close())
      const { port } = server.address() as AddressInfo
      t.like(await post(`https://receiver.example:${port}/`), expected)
    }
  },
)

whenThereIsOpenssl('a certificate of an unknown authority is refused', async t => {
  const { port } = await serveTls(t, certificate(t, 'localhost'))
  t.like(await egress(t)(`https://127.0.0.1:${port}/`), { error: 'certificate_untrusted' })
})

whenThereIsOpenssl(
  'a private authority is believed by setting; TLS asks for the url’s name, and takes a certificate of that name only',
  async t => {
    const trusted = certificate(t, 'receiver.example')
    const { port, asked } = await serveTls(t, trusted)
    const resolveAll = async () => [{ address: '127.0.0.1', family: 4 }]
    t.like(await egress(t, { resolveAll })(`https://receiver.example:${port}/`), { error: 'certificate_untrusted' })
    const post = egress(t, { resolveAll, ca: trusted.cert })
    t.like(await post(`https://receiver.example:${port}/`), { status: 200 })
    t.like(await post(`https://other.example:${port}/`), { error: 'certificate_name' })
    t.deepEqual(asked, ['receiver.example'])
  },
)

test('Retry-After is read in both forms', async t => {
  const seconds = await serve(t, (_, response) => response.writeHead(503, { 'retry-after': '120' }).end())
  t.like(await egress(t)(seconds), { retryAfterMs: 120_000 })
  const date = await serve(t, (_, response) =>
    response.writeHead(429, { 'retry-after': new Date(Date.now() + 3_600_000).toUTCString() }).end(),
  )
  const outcome = await egress(t)(date)
  t.true(outcome.type === 'answered' && (outcome.retryAfterMs ?? 0) > 3_500_000)
})

test('plain http is refused where it is not allowed, even for a stored url', async t => {
  const url = await serve(t, (_, response) => response.end())
  t.like(await egress(t, { http: false })(url), { error: 'refused_address', tookMs: 0 })
  t.like(await egress(t, { http: false })(url.replace('http:', 'HTTP:')), { error: 'refused_address' })
})

test('a name that resolves differently at a second look-up leads nowhere else: the checked address is used', async t => {
  const url = await serve(t, (_, response) => response.end('ours'))
  const answers = ['127.0.0.1', '10.0.0.1']
  let asked = 0
  const resolveAll = async () => [{ address: answers[asked++] ?? '10.0.0.1', family: 4 }]
  const post = egress(t, { resolveAll })
  const { port } = new URL(url)
  t.like(await post(`http://rebind.example:${port}/`), { status: 200, response: 'ours' })
  t.is(asked, 1)
})

test('a port that is not allowed is refused at connect time, even for a stored url', async t => {
  const arrived: unknown[] = []
  const url = await serve(t, (request, response) => (arrived.push(request.headers.host), response.end()))
  const port = Number(new URL(url).port)
  const resolveAll = async () => [{ address: '127.0.0.1', family: 4 }]
  const refusing = egress(t, {
    ports: [
      [443, 443],
      [port + 1, port + 1],
    ],
    resolveAll,
  })
  for (const stored of [url, `http://receiver.example:${port}/`])
    t.like(await refusing(stored), { error: 'refused_address' }, stored)
  t.deepEqual(arrived, [])
  t.like(await egress(t, { ports: [[port, port]] })(url), { status: 200 })
})
