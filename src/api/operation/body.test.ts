import { connect } from 'node:net'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import test from 'ava'
import { fakeStores } from '../../../test/support/fake-stores.ts'
import { serveApi } from '../../../test/support/serve-api.ts'
import { readJson } from './read-json.ts'

const tenants = '/v1/tenants/acme'
/** The name is the only field, so that a body has exactly this many bytes. */
const bodyOf = (bytes: number) => `{"name":"${'n'.repeat(bytes - 11)}"}`
const limit = 16 * 1_024

const start = async (t: Parameters<typeof serveApi>[0]) => {
  const { call, url } = await serveApi(t, fakeStores())
  const put = async (body: string | Uint8Array | ReadableStream, headers = {}) => {
    const answer = await fetch(url + tenants, {
      method: 'PUT',
      headers: { authorization: 'Bearer operator', 'content-type': 'application/json', ...headers },
      body,
      duplex: 'half',
    })
    const { code, detail } = (await answer.json()) as { code?: string; detail?: string }
    return [answer.status, code, detail, answer.headers.get('connection')]
  }
  return { call, url, put }
}
const kept = 'keep-alive'

test('a body may have as many bytes as its call allows, and one more is refused with the figure', async t => {
  const { put } = await start(t)
  const padded = (bytes: number) => ' '.repeat(bytes - 13) + '{"name":"ab"}'.slice(0, 13)
  t.is((await put(padded(limit)))[0], 200)
  t.deepEqual(await put(padded(limit + 1)), [
    413,
    'payload_too_large',
    'The body is 16385 bytes; the limit is 16384 bytes (16 KiB).',
    'close',
  ])
  const chunks = new ReadableStream({
    start: controller => {
      controller.enqueue(new TextEncoder().encode(bodyOf(limit + 1)))
      controller.close()
    },
  })
  const larger = 'The body is larger; the limit is 16384 bytes (16 KiB).'
  t.deepEqual(await put(chunks), [413, 'payload_too_large', larger, 'close'])
})

test('media types are read in any case, with parameters, and with another suffix of JSON', async t => {
  const { put } = await start(t)
  for (const type of [
    'APPLICATION/JSON',
    'Application/Json; Charset=UTF-8',
    'application/json ;charset=utf-8',
    'Application/Merge-Patch+JSON',
    'application/CloudEvents+json;x=y',
  ])
    t.is((await put('{"name":"a"}', { 'content-type': type }))[0], 200, type)
  t.is((await put('{"name":"a"}', { 'content-encoding': 'Identity' }))[0], 200)
})

test('a body must be JSON in UTF-8 without another encoding, and each refusal says what to send', async t => {
  const { put } = await start(t)
  const wrong = 'unsupported_media_type'
  for (const [body, headers, status, code, detail] of [
    [
      '{"name":"a"}',
      { 'content-type': 'text/plain' },
      415,
      wrong,
      'Send JSON with content-type: application/json, not text/plain.',
    ],
    ['{"name":"a"}', { 'content-type': '' }, 415, wrong, 'Send JSON with content-type: application/json.'],
    [
      '{"name":"a"}',
      { 'content-encoding': 'gzip' },
      415,
      wrong,
      'Send the body without content-encoding, not as gzip.',
    ],
    ['{"name":', {}, 400, 'malformed_json', 'The body is not JSON: see position 8.'],
    ['nope', {}, 400, 'malformed_json', 'The body is not JSON: see position 0.'],
    ['{"name":"a",}', {}, 400, 'malformed_json', 'The body is not JSON: see position 12.'],
    ['', {}, 400, 'malformed_json', 'The body is empty: send JSON.'],
    ['{"name":position 99}', {}, 400, 'malformed_json', 'The body is not JSON: see position 8.'],
    ['{"name" "x"}', {}, 400, 'malformed_json', 'The body is not JSON: see position 8.'],
    [
      new Uint8Array([0x22, 0xff, 0x22]),
      {},
      400,
      'not_utf8',
      'The body is not UTF-8 (RFC 8259 §8.1). Encode it as UTF-8.',
    ],
    ['[]', {}, 400, 'invalid_request', 'The body must be object.'],
    [
      '{"name":7,"x":1,"y":1}',
      {},
      400,
      'invalid_request',
      '/x is not a known field: remove it, or correct its name (and 2 more).',
    ],
  ] as const)
    t.deepEqual(await put(body, headers), [status, code, detail, kept])
  for (const headers of [{ 'content-type': 'application/merge-patch+json' }, { 'content-encoding': 'identity' }])
    t.is((await put('{"name":"a"}', headers))[0], 200)
  t.is((await put('\uFEFF{"name":"a"}'))[0], 200, 'a byte order mark')
})

test('a body that ends early is refused', async t => {
  const req = new Readable({
    read() {
      this.destroy(new Error('aborted'))
    },
  })
  const context = { request: { type: 'application/json', length: 20 }, req, get: () => '', set: () => undefined }
  await t.throwsAsync(readJson(context as never, 100), {
    code: 'invalid_request',
    message: 'The body ended early.',
  })
})

test('a call that needs no body takes none, an empty one, or one in chunks', async t => {
  const { url } = await start(t)
  const raw = async (head: string, body = '') => {
    const { hostname, port } = new URL(url)
    const socket = connect(Number(port), hostname)
    const lines = [
      'POST /v1/keys/rotate HTTP/1.1',
      'host: a',
      'authorization: Bearer operator',
      'connection: close',
      head,
    ]
    socket.write(`${lines.filter(line => line !== '').join('\r\n')}\r\n\r\n${body}`)
    return Number((await text(socket)).slice(9, 12))
  }
  const json = 'content-type: application/json'
  t.is(await raw(''), 200)
  t.is(await raw('content-length: 0'), 200)
  t.is(await raw(`${json}\r\ntransfer-encoding: chunked`, '2\r\n{}\r\n0\r\n\r\n'), 200)
  t.is(await raw(`${json}\r\ntransfer-encoding: chunked`, '9\r\n{"force":\r\n2\r\n1}\r\n0\r\n\r\n'), 400)
  t.is(await raw(`${json}\r\ncontent-length: 11`, '{"force":1}'), 400)
})
