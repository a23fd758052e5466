import test from 'ava'
import { findJaeger, startJaeger } from '../observability/jaeger/start.ts'
import { freePort } from '../src/embedded/ports.ts'
import { checkIn, rowWhen, subscribe } from './doorbell.ts'
import { startReceiver } from './receiver.ts'
import { freshName } from './servers.ts'
import { startProcess, temporaryFolder } from './service-process.ts'

const binary = findJaeger()
const whenThereIsAJaeger = binary === null ? test.skip : test

interface JaegerTrace {
  readonly spans: readonly {
    readonly spanID: string
    readonly operationName: string
    readonly references: readonly { readonly spanID: string }[]
  }[]
}

whenThereIsAJaeger('the whole trace of a check-in is found through Jaeger’s query API', async t => {
  const ports = {
    query: await freePort(0),
    queryGrpc: await freePort(0),
    otlpHttp: await freePort(0),
    otlpGrpc: await freePort(0),
    health: await freePort(0),
  }
  const jaeger = await startJaeger(binary ?? '', ports, 'ignore')
  t.teardown(() => jaeger.child.kill('SIGKILL'))
  const receiver = await startReceiver(t)
  const doorbell = await startProcess({
    DOORBELL_DATA_DIR: await temporaryFolder(t),
    DOORBELL_JAEGER_URL: jaeger.queryUrl,
    OTEL_EXPORTER_OTLP_ENDPOINT: jaeger.otlpUrl,
    OTEL_BSP_SCHEDULE_DELAY: '100',
    OTEL_SERVICE_NAME: freshName('doorbell'),
  })
  t.teardown(() => doorbell.child.kill('SIGKILL'))
  const { id } = await subscribe(doorbell, receiver.url)
  const { body } = await doorbell.call<{ id: string; traceId: string }>('POST', '/v1/tenants/acme/events', checkIn())
  await rowWhen(doorbell, `${body.id}.${id}`)
  const { body: row } = await doorbell.call<{ jaegerUrl: string }>(
    'GET',
    `/v1/tenants/acme/deliveries/${body.id}.${id}`,
  )
  t.is(row.jaegerUrl, `${jaeger.queryUrl}/trace/${body.traceId}`)
  doorbell.child.kill('SIGTERM')
  t.is(await doorbell.ended, 0, 'spans are flushed at the end')

  const wanted = [
    'POST',
    'POST /v1/tenants/{tenant}/events',
    'attempt delivery',
    'process visits',
    'record delivery',
    'send visits.in',
  ]
  for (;;) {
    const answer = await fetch(`${jaeger.queryUrl}/api/traces/${body.traceId}`)
    const { data } = (await answer.json()) as { data: readonly JaegerTrace[] | null }
    const spans = data?.[0]?.spans ?? []
    if (spans.length < wanted.length) continue
    t.deepEqual(spans.map(({ operationName }) => operationName).toSorted(), wanted)
    const ids = new Set(spans.map(({ spanID }) => spanID))
    const roots = spans.filter(({ references }) => !references.some(({ spanID }) => ids.has(spanID)))
    t.deepEqual(
      roots.map(({ operationName }) => operationName),
      ['POST /v1/tenants/{tenant}/events'],
    )
    return
  }
})
