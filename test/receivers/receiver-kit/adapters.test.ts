import { request as open, type RequestListener } from 'node:http'
import { mock } from 'node:test'
import test from 'ava'
import express from 'express'
import Koa from 'koa'
import { createSeenIds, expressReceiver, fetchReceiver, koaReceiver, nodeReceiver } from 'doorbell/receiver'
import { issuer, body, serve, setUp } from './setup.ts'

test('the adapters for Node, Koa, Express and fetch process each event once, reject a forged one, and ask for a retry when processing fails', async t => {
  const { verifier, headersOf } = await setUp(t)
  for (const adapter of ['node', 'koa', 'express', 'express.raw', 'fetch'] as const) {
    const processed: string[] = []
    let broken = true
    const options = {
      verifier,
      seen: createSeenIds(),
      onEvent: ({ id }: { id: string }) => {
        if (broken) throw new Error('the database is unavailable')
        processed.push(id)
      },
      onError: () => undefined,
    }
    const app = express()
    if (adapter === 'express.raw') app.use(express.raw({ type: 'application/json' }))
    app.post('/', expressReceiver(options))
    const listeners = {
      node: nodeReceiver(options),
      koa: new Koa().use(koaReceiver(options)).callback(),
      express: app,
      'express.raw': app,
    }
    const handle = fetchReceiver(options)
    const url = adapter === 'fetch' ? issuer : await serve(t, listeners[adapter] as RequestListener)
    const post = async (raw: string) => {
      const headers = { ...(await headersOf()), 'content-type': 'application/json' }
      const request = new Request(url, { method: 'POST', headers, body: raw })
      return (await (adapter === 'fetch' ? handle(request) : fetch(request))).status
    }
    t.is(await post(body), 500, adapter)
    broken = false
    t.deepEqual([await post(body), await post(body), await post(body.replace('"v"', '"w"'))], [204, 204, 401], adapter)
    t.deepEqual(processed, ['evt_1'], adapter)
  }
})

test('a replay is processed although its event was seen, and only the signature can mark a replay', async t => {
  const { verifier, headersOf } = await setUp(t)
  const processed: unknown[] = []
  const url = await serve(
    t,
    nodeReceiver({
      verifier,
      seen: createSeenIds(),
      onEvent: event => void processed.push([event.id, event.replay, event.test]),
    }),
  )
  for (const kind of [{}, {}, { kind: 'replay' }, { kind: 'test' }] as const) {
    const headers = { ...(await headersOf(kind)), 'content-type': 'application/json', 'webhook-replay': 'true' }
    t.is((await fetch(url, { method: 'POST', headers, body })).status, 204)
  }
  t.deepEqual(processed, [
    ['evt_1', undefined, undefined],
    ['evt_1', true, undefined],
  ])
})

test('a body that cannot be read is reported to onError, also with Koa', async t => {
  const { verifier, headersOf } = await setUp(t)
  const errors: string[] = []
  const app = new Koa()
  app.silent = true
  app.use(koaReceiver({ verifier, onEvent: () => undefined, onError: error => void errors.push(String(error)) }))
  const handle = app.callback()
  const url = await serve(t, (incoming, outgoing) => void handle(incoming, outgoing))
  const request = { method: 'POST', headers: await headersOf(), body: 'x'.repeat(2 * 1024 * 1024) }
  // Either the reply arrives or the connection ends first.
  await fetch(url, request).catch(() => undefined)
  t.true(errors[0]?.includes('larger than any webhook'))
})

test.serial(
  'behind a body parser each adapter answers body_already_read with what to do, and says so in the console',
  async t => {
    const { verifier, headersOf } = await setUp(t)
    const printed = mock.method(console, 'error', () => undefined)
    const processed: string[] = []
    const options = { verifier, onEvent: ({ id }: { id: string }) => void processed.push(id) }
    const [node, koa, web] = [nodeReceiver(options), koaReceiver(options), fetchReceiver(options)]
    const app = express()
    app.post('/json', express.json(), expressReceiver(options))
    app.post('/node', express.json(), node)
    app.post('/urlencoded', express.json(), express.urlencoded(), expressReceiver(options))
    // The neighbours: parsers that keep the bytes or the text, or leave the body alone.
    app.post('/raw', express.raw({ type: 'application/json' }), expressReceiver(options))
    app.post('/text', express.text({ type: 'application/json' }), expressReceiver(options))
    app.post('/form', express.urlencoded(), expressReceiver(options))
    const expressUrl = await serve(t, app as RequestListener)
    const behindParser = new Koa()
      .use(async ({ req }, next) => {
        for await (const _ of req);
        return next()
      })
      .use(koa)
      .callback()
    const koaUrl = await serve(t, (incoming, outgoing) => void behindParser(incoming, outgoing))
    const headers = { ...(await headersOf()), 'content-type': 'application/json' }
    const post = (url: string) => fetch(url, { method: 'POST', headers, body })
    const read = new Request(issuer, { method: 'POST', headers, body })
    await read.json()
    const answers = [
      ...(await Promise.all(['/json', '/node', '/urlencoded'].map(path => post(expressUrl + path)))),
      await post(koaUrl),
      await web(read),
    ]
    for (const answer of answers) {
      t.is(answer.status, 500)
      t.like(await answer.json(), { code: 'body_already_read' })
    }
    const lines = printed.mock.calls.map(call => call.arguments.join(' '))
    mock.reset()
    t.is(lines.length, answers.length)
    for (const line of lines)
      t.regex(line, /body_already_read.*(Mount the receiver before any body parser|Pass the request on unread)/)
    for (const path of ['/raw', '/text', '/form']) t.is((await post(expressUrl + path)).status, 204, path)
    t.deepEqual(processed, ['evt_1', 'evt_1', 'evt_1'])
  },
)

test('a body that is too large is answered 413, and a method other than POST 405', async t => {
  const { verifier, headersOf } = await setUp(t)
  const url = await serve(t, nodeReceiver({ verifier, onEvent: () => undefined, onError: () => undefined }))
  const headers = { ...(await headersOf()), 'content-length': String(2 * 1024 * 1024) }
  const answered = new Promise<number | undefined>((resolve, reject) => {
    // Only the headers are sent: the reply does not wait for the body.
    const sent = open(url, { method: 'POST', headers }, response => (resolve(response.statusCode), sent.destroy()))
    sent.on('error', reject).flushHeaders()
  })
  t.is(await answered, 413)
  t.is((await fetch(url)).status, 405)
})
