import test from 'ava'
import { checkIn, rowWhen, subscribe } from '../support/doorbell.ts'
import { startReceiver } from '../support/receiver.ts'
import { startAllAtOnce } from './all-at-once.ts'

/** `DOORBELL_TEST_STARTS=20` repeats it. */
const starts = Number(process.env['DOORBELL_TEST_STARTS'] ?? 1)
const tenants = ['acme', 'globex', 'initech', 'umbrella']

interface Line {
  readonly level: number
  readonly msg: string
  readonly awaited?: string
}

for (let start = 1; start <= starts; start += 1)
  test.serial(
    `an API, two workers, three nats-servers and three mongods that start at the same instant are all well, without a restart (${start})`,
    async t => {
      t.timeout(120_000)
      const begunAt = performance.now()
      const whole = await startAllAtOnce()
      t.teardown(whole.stop)
      const tookMs = Math.round(performance.now() - begunAt)
      for (const { url } of whole.processes) {
        const ready = await fetch(`${url}/readyz`)
        t.is(ready.status, 200, await ready.text())
      }
      const receiver = await startReceiver(t)
      const ids = new Map<string, string>()
      for (const tenant of tenants) ids.set(tenant, (await subscribe(whole.api, receiver.url, {}, tenant)).id)
      for (const tenant of tenants)
        t.is((await whole.api.call('POST', `/v1/tenants/${tenant}/events`, checkIn({ id: 'evt-1' }))).status, 202)
      for (const tenant of tenants) await rowWhen(whole.api, `evt-1.${ids.get(tenant)}`, undefined, tenant)

      const lines = whole.processes.map(({ output }) =>
        output()
          .split('\n')
          .filter(line => line.startsWith('{'))
          .map(line => JSON.parse(line) as Line),
      )
      t.deepEqual(
        lines.flat().filter(({ level }) => level >= 50),
        [],
        'no process has met a fault',
      )
      const waits = lines.map(of => of.filter(({ msg }) => msg === 'the start waits').map(({ awaited }) => awaited))
      t.true(
        whole.processes.every(({ child }) => child.exitCode === null),
        'none has ended',
      )
      t.log(`ready after ${tookMs} ms; waited for ${waits.map(of => of.join(', ') || 'nothing').join(' | ')}`)
    },
  )
