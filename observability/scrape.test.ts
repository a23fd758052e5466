import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import test from 'ava'

const run = promisify(execFile)

test('/metrics has each series once, with its unit in its name, and the first scrape reports no problem', async t => {
  const script = `
    const { observeProcess } = await import('./observability/metrics/process.ts')
    const { createMetrics } = await import('./observability/metrics.ts')
    const { scrape } = await import('./observability/register.ts')
    const { telemetry } = await import('./observability/register.ts')
    telemetry.reportTo({ warn: (fields, text) => console.error(text, fields), info: (fields, text) => console.error(text, fields) })
    observeProcess()
    createMetrics().urlRefused()
    console.log(await scrape.text())
    process.exit(0)
  `
  const { stdout, stderr } = await run(
    process.execPath,
    ['--import', './observability/register.ts', '--input-type=module', '--eval', script],
    { cwd: join(import.meta.dirname, '..'), env: { PATH: process.env['PATH'], DOORBELL_METRICS_PORT: '0' } },
  )
  t.is(stderr, '', 'a scrape right after the start is no problem')
  const series = [...stdout.matchAll(/^([^#].*) \S+$/gm)].map(([, name]) => name)
  t.true(series.includes('process_uptime_seconds'))
  t.true(series.includes('webhook_egress_refusals_total{webhook_refused_at="configuration"}'), series.join('\n'))
  t.deepEqual(series, [...new Set(series)])
})
