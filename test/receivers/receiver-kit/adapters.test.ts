import { request as open, type RequestListener } from 'node:http'
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
  app.use(koaReceiver({ verifier, onEvent: () => undefined, onError: error => errors.push(String(error)) }))
  const handle = app.callback()
  const url = await serve(t, (incoming, outgoing) => void handle(incoming, outgoing))
  const request = { method: 'POST', headers: await headersOf(), body: 'x'.repeat(2 * 1024 * 1024) }
  // Either the reply arrives or the connection ends first.
  await fetch(url, request).catch(() => undefined)
  t.true(errors[0]?.includes('larger than any webhook'))
})

test('the error names a body parser that has read the body before', async t => {
  const { verifier, headersOf } = await setUp(t)
  const app = express()
  app.use(express.json())
  const errors: string[] = []
  app.post('/', expressReceiver({ verifier, onEvent: () => undefined, onError: error => errors.push(String(error)) }))
  const url = await serve(t, app as RequestListener)
  const { status } = await fetch(url, {
    method: 'POST',
    headers: { ...(await headersOf()), 'content-type': 'application/json' },
    body,
  })
  t.is(status, 500)
  t.true(errors[0]?.includes('before any body parser'))
})

test('a body that is too large is answered 413, and a method other than POST 405', async t => {
  const { verifier, headersOf } = await setUp(t)
  const url = await serve(t, nodeReceiver({ verifier, onEvent: () => undefined }))
  const headers = { ...(await headersOf()), 'content-length': String(2 * 1024 * 1024) }
  const answered = new Promise<number | undefined>((resolve, reject) => {
    // Only the headers are sent: the reply does not wait for the body.
    const sent = open(url, { method: 'POST', headers }, response => (resolve(response.statusCode), sent.destroy()))
    sent.on('error', reject).flushHeaders()
  })
  t.is(await answered, 413)
  t.is((await fetch(url)).status, 405)
})
