import test from 'ava'
import { startOtlpReceiver } from './otlp/receiver.ts'
import { startScript } from './otlp/start-script.ts'

interface Value {
  readonly stringValue?: string
  readonly kvlistValue?: { readonly values: readonly { readonly key: string; readonly value: Value }[] }
}

interface Record {
  readonly timeUnixNano: string
  readonly severityNumber: number
  readonly severityText: string
  readonly body: Value
  readonly attributes?: readonly { readonly key: string; readonly value: Value }[]
  readonly traceId?: string
  readonly spanId?: string
}

interface Request {
  readonly resourceLogs: readonly {
    readonly resource: { readonly attributes: Record['attributes'] }
    readonly scopeLogs: readonly { readonly logRecords: readonly Record[] }[]
  }[]
}

test('with OTEL_LOGS_EXPORTER a line is a log record too: same fields, time, severity and trace, and nothing that the line hides', async t => {
  const receiver = await startOtlpReceiver(t)
  const script = startScript(
    t,
    `
    const { telemetry } = await import('./observability/register.ts')
    const { createLog } = await import('./observability/log.ts')
    const { traced, SpanKind } = await import('./observability/traced.ts')
    const log = createLog('info')
    const work = async () => log.warn({ tenant: 'acme', email: 'anna@example.org', err: new RangeError('too far') }, 'inside')
    await traced({ name: 'x', kind: SpanKind.INTERNAL, attributes: () => ({}) }, work)()
    log.info('outside')
    log.error({ traceId: '${'a'.repeat(32)}', spanId: '${'b'.repeat(16)}' }, 'about another span')
    log.debug('not written')
    await telemetry.shutdown()
    `,
    { OTEL_LOGS_EXPORTER: 'otlp', OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: `${receiver.url}/v1/logs` },
  )
  await script.ended
  t.deepEqual(
    receiver.arrivals.map(({ signal }) => signal),
    ['logs'],
  )
  const [group] = receiver.arrivals.flatMap(({ request }) => (request as Request).resourceLogs)
  t.true(
    group?.resource.attributes?.some(({ key, value }) => key === 'service.name' && value.stringValue === 'doorbell'),
  )
  const records = group?.scopeLogs[0]?.logRecords ?? []
  const lines = script.lines.map(line => JSON.parse(line) as { [name: string]: string })
  t.deepEqual(
    records.map(({ body, severityNumber, severityText, traceId, spanId, timeUnixNano }) => ({
      msg: body.stringValue,
      severity: [severityNumber, severityText],
      traceId,
      spanId,
      // As a number, nanoseconds since 1970 are exact to 256 ns only, and a Date cuts what is below a millisecond.
      time: new Date(Math.round(Number(BigInt(timeUnixNano) / 1_000n) / 1_000)).toISOString(),
    })),
    lines.map(({ msg, traceId, spanId, time }, n) => ({
      msg,
      severity: [
        [13, 'warn'],
        [9, 'info'],
        [17, 'error'],
      ][n],
      traceId,
      spanId,
      time,
    })),
  )
  const [inside] = records
  t.regex(inside?.traceId ?? '', /^[\da-f]{32}$/)
  const attributes = Object.fromEntries((inside?.attributes ?? []).map(({ key, value }) => [key, value]))
  t.deepEqual(Object.keys(attributes).toSorted(), ['email', 'err', 'tenant'])
  t.is(attributes['email']?.stringValue, '(redacted)')
  t.is(
    attributes['err']?.kvlistValue?.values.find(({ key }) => key === 'message')?.value.stringValue,
    'RangeError: too far',
  )
})
