import test from 'ava'
import { checkIn, subscribe } from '../support/doorbell.ts'
import { startReceiver } from '../support/receiver.ts'
import { startProcess, temporaryFolder } from '../support/service-process.ts'
import { until } from '../support/until.ts'
import { scrape, valueOf } from './samples.ts'

const each = 45
const tenants = Array.from({ length: 13 }, (_, index) => `c${index}`)
const attempts = 'webhook_subscription_attempts_total'
const delay = 'webhook_first_attempt_delay_seconds_count'

test('with 585 subscriptions one tenant’s failures are that tenant’s alone, and healthy receivers stay in the objective', async t => {
  t.timeout(180_000)
  let broken = false
  const well = await startReceiver(t)
  const breaking = await startReceiver(t, () => (broken ? 503 : 204))
  const doorbell = await startProcess({ DOORBELL_DATA_DIR: await temporaryFolder(t), DOORBELL_METRICS_PORT: '0' })
  t.teardown(() => doorbell.child.kill('SIGKILL'))
  for (const tenant of tenants)
    for (let id = 0; id < each; id += 1)
      await subscribe(
        doorbell,
        tenant === 'c12' ? breaking.url : well.url,
        { retry: { delaysMs: [3_600_000] } },
        tenant,
      )
  const post = async (tenant: string, visitId: string) => {
    const { status } = await doorbell.call('POST', `/v1/tenants/${tenant}/events`, checkIn({ visitId }))
    t.is(status, 202)
  }
  /** What is counted is counted when the attempt ends, which is after the receiver has answered. */
  const scrapedOnce = (isThere: (text: string) => boolean) => until(() => scrape(doorbell), isThere)

  for (const tenant of tenants) await post(tenant, 'first')
  await scrapedOnce(text => valueOf(text, attempts) === tenants.length * each)
  broken = true
  for (let visit = 0; visit < 5; visit += 1) await post('c12', `broken-${visit}`)
  const failing = await scrapedOnce(text => valueOf(text, attempts, { webhook_attempt_result: 'failed' }) === 5 * each)
  t.is(valueOf(failing, attempts, { webhook_attempt_result: 'failed', webhook_tenant: 'c12' }), 5 * each)

  const healthy = (text: string) => valueOf(text, delay, { webhook_receiver_state: 'healthy' })
  const all = valueOf(failing, delay)
  await post('c11', 'last')
  const after = await scrapedOnce(text => valueOf(text, delay) === all + each)
  t.is(healthy(after), healthy(failing) + each)
  doorbell.child.kill('SIGTERM')
  t.is(await doorbell.ended, 0)
})
