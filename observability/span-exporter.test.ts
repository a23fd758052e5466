import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ExportResultCode } from '@opentelemetry/core'
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import test, { type ExecutionContext } from 'ava'
import { createSpanExporter } from './span-exporter.ts'

/** A collector that answers when it is told to. */
const collector = async (t: ExecutionContext) => {
  const requests: { readonly text: string; readonly response: ServerResponse }[] = []
  let heard = Promise.withResolvers<void>()
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      requests.push({ text: Buffer.concat(chunks).toString('latin1'), response })
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
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`, request }
}

const finishedSpan = (name: string, attribute = ''): ReadableSpan => {
  const memory = new InMemorySpanExporter()
  const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter: memory })] })
  provider.getTracer('test').startSpan(name).setAttribute('text', attribute).end()
  return memory.getFinishedSpans()[0] as ReadableSpan
}

test('batches that were written while a request was under way leave together in the next', async t => {
  const { url, request } = await collector(t)
  const exporter = createSpanExporter(url)
  const codes: ExportResultCode[] = []
  const tell = (name: string) => exporter.export([finishedSpan(name)], ({ code }) => codes.push(code))
  tell('first-span')
  const first = await request(0)
  tell('second-span')
  tell('third-span')
  first.response.end()
  const second = await request(1)
  t.regex(first.text, /first-span/)
  t.regex(second.text, /second-span[^]*third-span/)
  second.response.end()
  await exporter.shutdown()
  t.deepEqual(codes, [ExportResultCode.SUCCESS, ExportResultCode.SUCCESS, ExportResultCode.SUCCESS])
})

test('a collector that does not answer costs no more than a few MiB: later spans are refused', async t => {
  const { url, request } = await collector(t)
  const exporter = createSpanExporter(url)
  const large = finishedSpan('large', 'x'.repeat(1_024 * 1_024))
  const codes: ExportResultCode[] = []
  const tell = () => exporter.export([large], ({ code }) => codes.push(code))
  tell()
  const first = await request(0)
  for (let n = 0; n < 9; n += 1) tell()
  const refused = codes.filter(code => code === ExportResultCode.FAILED).length
  t.is(codes.length - refused, 1 + 7, 'one under way, and 8 MiB with what surrounds them wait')
  t.is(refused, 2)
  first.response.end()
  ;(await request(1)).response.end()
  await exporter.shutdown()
})
