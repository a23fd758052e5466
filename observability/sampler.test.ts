import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import test from 'ava'
import { samplerOf } from './sampler.ts'

const run = promisify(execFile)

/** Flags of a thousand traces that begin in a service with these settings, of one whose caller keeps it, and of one whose caller does not. */
const flagsWith = async (environment: Readonly<Record<string, string>>) => {
  const script = `
    const { startSpan, SpanKind } = await import('./observability/traced.ts')
    const flag = (parent, detached) =>
      startSpan({ name: 'x', kind: SpanKind.INTERNAL, parent, detached, attributes: {} }).spanContext().traceFlags
    const roots = Array.from({ length: 1000 }, () => flag(null)).filter(flags => flags === 1).length
    const [kept, left] = ['01', '00'].map(flags => '00-' + '0af7651916cd43dd8448eb211c80319c' + '-b7ad6b7169203331-' + flags)
    console.log(JSON.stringify({ roots, kept: flag(kept), left: flag(left), afterKept: flag(kept, true), afterLeft: flag(left, true) }))
    process.exit(0)
  `
  const { stdout } = await run(
    process.execPath,
    ['--import', './observability/register.ts', '--input-type=module', '--eval', script],
    { cwd: join(import.meta.dirname, '..'), env: { PATH: process.env['PATH'], ...environment } },
  )
  return JSON.parse(stdout) as { roots: number; kept: number; left: number; afterKept: number; afterLeft: number }
}

test('without a setting every trace is kept that its caller does not leave out', async t => {
  t.deepEqual(await flagsWith({}), { roots: 1000, kept: 1, left: 0, afterKept: 1, afterLeft: 0 })
})

test('OTEL_TRACES_SAMPLER and its ratio are honoured; the caller’s decision holds, also for what comes later than its trace', async t => {
  const { roots, ...others } = await flagsWith({
    OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
    OTEL_TRACES_SAMPLER_ARG: '0.25',
  })
  // Of 1,000 with a chance of a quarter: 250 ± 14, so that 170 and 330 are more than five deviations away.
  t.true(roots > 170 && roots < 330, String(roots))
  t.deepEqual(others, { kept: 1, left: 0, afterKept: 1, afterLeft: 0 })
  t.like(await flagsWith({ OTEL_TRACES_SAMPLER: 'always_off' }), { roots: 0, kept: 0 })
  t.like(await flagsWith({ OTEL_TRACES_SAMPLER: 'parentbased_always_off' }), { roots: 0, kept: 1, afterKept: 1 })
})

test('a service whose telemetry is disabled has ids all the same', async t => {
  const environment = { OTEL_SDK_DISABLED: 'true', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' }
  t.deepEqual(await flagsWith(environment), { roots: 1000, kept: 1, left: 0, afterKept: 1, afterLeft: 0 })
})

test('a sampler that is not known, or no ratio, is refused at the start with the values that are', async t => {
  t.throws(() => samplerOf({ OTEL_TRACES_SAMPLER: 'ratio' }), {
    message: /"ratio"; known are always_on, always_off, traceidratio/,
  })
  for (const argument of ['10', '-1', 'ten'])
    t.throws(() => samplerOf({ OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: argument }), {
      message: `OTEL_TRACES_SAMPLER_ARG is "${argument}"; a number from 0 to 1 is needed`,
    })
  const failed = await t.throwsAsync<Error & { code: number; stderr: string }>(
    flagsWith({ OTEL_TRACES_SAMPLER: 'ratio' }),
  )
  t.is(failed?.code, 1)
  t.regex(failed?.stderr ?? '', /^OTEL_TRACES_SAMPLER is "ratio"; known are [^\n]+\n$/)
})
