import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { checkIn, rowWhen, subscribe } from '../support/doorbell.ts'
import { startReceiver } from '../support/receiver.ts'
import { startProcess, temporaryFolder } from '../support/service-process.ts'
import { runProbe } from './otlp/run-probe.ts'
import { startScript } from './otlp/start-script.ts'

const folder = mkdtempSync(join(tmpdir(), 'doorbell-otel-'))
test.after.always(() => rmSync(folder, { recursive: true, force: true }))

const none = { OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none' }
const settings = {
  'without an endpoint and an exporter': { OTEL_EXPORTER_OTLP_ENDPOINT: '', OTEL_LOGS_EXPORTER: '' },
  'with exporters that are none': none,
  'with OTEL_SDK_DISABLED': { OTEL_SDK_DISABLED: 'true' },
}
for (const [title, environment] of Object.entries(settings))
  test.serial(`${title} nothing is sent and nothing is wrong; ids exist, and trace context is passed on`, async t => {
    const observed = await runProbe(t, 'doorbell', { settings: () => environment }, { folder, server: {} })
    t.like(observed, { arrived: [], asked: [], problems: [], hasIds: true, read: ['tracecontext'] })
    t.deepEqual(observed.carried, { traceparent: '00-id-id-01' })
  })

test('a collector that is away has one line, and one when it is back that says how much was lost', async t => {
  let status = 400
  const server = createServer((request, response) => request.resume().on('end', () => response.writeHead(status).end()))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => (server.closeAllConnections(), server.close()))
  const script = startScript(
    t,
    `
    const { telemetry } = await import('./observability/register.ts')
    const { createLog } = await import('./observability/log.ts')
    const { SpanKind, startSpan } = await import('./observability/traced.ts')
    telemetry.reportTo(createLog('info'))
    setInterval(() => startSpan({ name: 'x', kind: SpanKind.INTERNAL, parent: null }).end(), 5)
    process.on('SIGTERM', () => void telemetry.shutdown().then(() => process.exit(0)))
    `,
    {
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`,
      OTEL_BSP_SCHEDULE_DELAY: '20',
    },
  )
  const away = JSON.parse(await script.line('telemetry is not exported')) as object
  t.like(away, { level: 40, signal: 'traces', error: 'Bad Request' })
  status = 200
  const back = JSON.parse(await script.line('telemetry is exported again')) as { lost: number }
  t.like(back, { level: 30, signal: 'traces' })
  t.true(back.lost > 0)
  script.child.kill('SIGTERM')
  await script.ended
  t.is(script.lines.length, 2, script.lines.join('\n'))
})

test('with OTEL_SDK_DISABLED the service works and has ids; DOORBELL_METRICS_PORT is not served, and a line says so', async t => {
  t.timeout(120_000)
  const receiver = await startReceiver(t)
  const doorbell = await startProcess({
    DOORBELL_DATA_DIR: await temporaryFolder(t),
    DOORBELL_METRICS_PORT: '0',
    OTEL_SDK_DISABLED: 'true',
  })
  t.teardown(() => doorbell.child.kill('SIGKILL'))
  const { id } = await subscribe(doorbell, receiver.url)
  const { body } = await doorbell.call<{ id: string; traceId: string }>('POST', '/v1/tenants/acme/events', checkIn())
  const { attempts, traceId } = await rowWhen(doorbell, `${body.id}.${id}`)
  t.regex(traceId, /^(?!0+$)[\da-f]{32}$/)
  t.deepEqual(
    attempts.map(attempt => attempt.traceId),
    [body.traceId],
  )
  t.regex(doorbell.output(), /"reason":"OTEL_SDK_DISABLED is true".*"DOORBELL_METRICS_PORT is not served"/)
  t.notRegex(doorbell.output(), /^metrics/m)
  doorbell.child.kill('SIGTERM')
  t.is(await doorbell.ended, 0)
})
