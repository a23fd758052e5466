import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import test from 'ava'
import { freePort } from '../../src/embedded/ports.ts'
import { startProcess, temporaryFolder } from '../support/service-process.ts'
import { until } from '../support/until.ts'
import { metricsUrlOf } from './samples.ts'

test('metrics are on a port of their own, and never on the API’s', async t => {
  t.timeout(120_000)
  const doorbell = await startProcess({ DOORBELL_DATA_DIR: await temporaryFolder(t), DOORBELL_METRICS_PORT: '0' })
  t.teardown(() => doorbell.child.kill('SIGKILL'))
  const url = await metricsUrlOf(doorbell)
  const { status, headers } = await fetch(url)
  t.is(status, 200)
  t.is(headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8')
  t.is((await fetch(`${doorbell.url}/metrics`)).status, 404)
  t.is((await fetch(url, { method: 'POST' })).status, 405)
  t.is((await fetch(new URL('/', url))).status, 404)
  doorbell.child.kill('SIGTERM')
  t.is(await doorbell.ended, 0)
})

test('worker processes serve their metrics on the ports that follow, and own all partitions together', async t => {
  t.timeout(120_000)
  const port = await freePort(0)
  const doorbell = await startProcess({
    DOORBELL_DATA_DIR: await temporaryFolder(t),
    DOORBELL_METRICS_PORT: String(port),
    DOORBELL_WORKERS: '2',
  })
  t.teardown(() => doorbell.child.kill('SIGKILL'))
  const owned = async (number: number): Promise<number> => {
    const answer = await fetch(`http://127.0.0.1:${port + number}/metrics`).catch(() => null)
    const text = (await answer?.text()) ?? ''
    return Number(/^webhook_partitions_owned (\d+)$/m.exec(text)?.[1] ?? Number.NaN)
  }
  // A hash decides how many partitions each worker owns. An ended process answers nothing, so the sum is no number.
  const seen = await until(
    () => Promise.all([0, 1, 2].map(owned)),
    counts => counts.reduce((sum, count) => sum + count) === 16,
  )
  t.is(seen[0], 0, 'the API process owns none')
  doorbell.child.kill('SIGTERM')
  t.is(await doorbell.ended, 0)
})

test('a port that is in use is reported with its setting', async t => {
  t.timeout(120_000)
  const first = await startProcess({ DOORBELL_DATA_DIR: await temporaryFolder(t), DOORBELL_METRICS_PORT: '0' })
  t.teardown(() => first.child.kill('SIGKILL'))
  const { port } = new URL(await metricsUrlOf(first))
  const second = startProcess({ DOORBELL_DATA_DIR: await temporaryFolder(t), DOORBELL_METRICS_PORT: port })
  const error = await t.throwsAsync(second)
  t.regex(error?.message ?? '', /Port \d+ of 127\.0\.0\.1 is in use.*DOORBELL_METRICS_PORT/)
})

test('a server that hangs is reported and delays no scrape', async t => {
  t.timeout(120_000)
  const folder = await temporaryFolder(t)
  const doorbell = await startProcess({ DOORBELL_DATA_DIR: folder, DOORBELL_METRICS_PORT: '0' })
  t.teardown(() => doorbell.child.kill('SIGKILL'))
  const url = await metricsUrlOf(doorbell)
  const reached = async (): Promise<Record<string, string>> => {
    // Prometheus waits ten seconds by default.
    const text = await (await fetch(url, { signal: AbortSignal.timeout(10_000) })).text()
    const lines = text.matchAll(/^webhook_dependency_up\{webhook_dependency="(\w+)"\} (\d)$/gm)
    return Object.fromEntries([...lines].map(([, name = '', value = '']) => [name, value]))
  }
  const show = (wanted: Record<string, string>) => until(reached, seen => isDeepStrictEqual(seen, wanted))
  await show({ nats: '1', mongodb: '1' })
  const pid = Number(readFileSync(join(folder, 'nats-server.pid'), 'utf8'))
  process.kill(pid, 'SIGSTOP')
  await show({ nats: '0', mongodb: '1' })
  process.kill(pid, 'SIGCONT')
  await show({ nats: '1', mongodb: '1' })
  doorbell.child.kill('SIGTERM')
  t.is(await doorbell.ended, 0)
})
