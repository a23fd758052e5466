import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SpanKind, SpanStatusCode, TraceFlags } from '@opentelemetry/api'
import { resourceFromAttributes } from '@opentelemetry/resources'
import test, { type ExecutionContext } from 'ava'
import type { EndedSpan } from './otlp.ts'
import { createSpanSender } from './sender.ts'

/** A collector that answers when it is told to. */
const collector = async (t: ExecutionContext, waitForAsyncAttributes = () => Promise.resolve()) => {
  const requests: { readonly text: string; readonly bytes: number; readonly response: ServerResponse }[] = []
  let heard = Promise.withResolvers<void>()
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const all = Buffer.concat(chunks)
      requests.push({ text: all.toString('latin1'), bytes: all.length, response })
      heard.resolve()
      heard = Promise.withResolvers()
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const request = async (n: number) => {
    while (requests.length <= n) await heard.promise
    return requests[n] as (typeof requests)[number]
  }
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`
  const sender = createSpanSender({
    url,
    resource: Object.assign(resourceFromAttributes({ 'service.name': 'who' }), { waitForAsyncAttributes }),
    scope: 'doorbell',
  })
  return { sender, request }
}

const span = (name: string, text = ''): EndedSpan => ({
  context: { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: TraceFlags.SAMPLED },
  parent: null,
  name,
  kind: SpanKind.INTERNAL,
  startMs: 1,
  endMs: 2,
  attributes: ['text', text],
  events: [],
  links: [],
  status: { code: SpanStatusCode.UNSET },
})

test('spans that ended while a request was under way leave together in the next, each request with who they are of', async t => {
  const { sender, request } = await collector(t)
  sender.take(span('first-span'))
  const first = await request(0)
  sender.take(span('second-span'))
  sender.take(span('third-span'))
  first.response.end()
  const second = await request(1)
  t.regex(first.text, /who[^]*first-span/)
  t.regex(second.text, /who[^]*third-span[^]*second-span/)
  second.response.end()
  await sender.shutdown()
})

test('a collector that does not answer costs no more than a few MiB: later spans are lost', async t => {
  const { sender, request } = await collector(t)
  const large = span('large', 'x'.repeat(1_024 * 1_024))
  sender.take(large)
  const first = await request(0)
  for (let n = 0; n < 10; n += 1) sender.take(large)
  first.response.end()
  const second = await request(1)
  t.is(Math.floor(second.bytes / 1_024 / 1_024), 8)
  second.response.end()
  await sender.shutdown()
})

test('a fault of its own ends nothing, and the spans are sent with the next request', async t => {
  const faults = [new Error('the machine has no name')]
  const { sender, request } = await collector(t, async () => {
    const fault = faults.shift()
    if (fault !== undefined) throw fault
  })
  sender.take(span('told'))
  const first = await request(0)
  t.deepEqual(faults, [])
  t.regex(first.text, /told/)
  first.response.end()
  await sender.shutdown()
})

test('what is left is sent at the end, also after a request that failed', async t => {
  const { sender, request } = await collector(t)
  sender.take(span('refused'))
  const first = await request(0)
  sender.take(span('left'))
  const ended = sender.shutdown()
  first.response.writeHead(400).end()
  const second = await request(1)
  t.regex(second.text, /left/)
  second.response.end()
  await t.notThrowsAsync(ended)
})
