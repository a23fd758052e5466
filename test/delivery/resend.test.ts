import test from 'ava'
import { checkIn, rowWhen, startDoorbell, subscribe } from '../support/doorbell.ts'
import { startReceiver } from '../support/receiver.ts'

const events = '/v1/tenants/acme/events'
const resendPath = (id: string) => `/v1/tenants/acme/deliveries/${id}/resend`

test('sending a waiting delivery begins a new round of attempts, and does not use up its last one', async t => {
  const doorbell = await startDoorbell(t)
  const [failing, well] = [await startReceiver(t, () => 500), await startReceiver(t)]
  const { id } = await subscribe(doorbell, failing.url, { retry: { delaysMs: [100, 3_600_000] } })
  const { id: other } = await subscribe(doorbell, well.url)
  await doorbell.call('POST', events, checkIn({ id: 'evt-1' }))
  await rowWhen(doorbell, `evt-1.${id}`, ({ attempts }) => attempts.length === 2)
  t.is((await doorbell.call('POST', resendPath(`evt-1.${id}`))).status, 202)
  const row = await rowWhen(doorbell, `evt-1.${id}`, ({ attempts }) => attempts.length >= 4)
  t.like(row, { status: 'pending' })
  t.deepEqual(
    row.attempts.map(({ number }) => number),
    [1, 2, 3, 4],
  )
  t.is((await rowWhen(doorbell, `evt-1.${other}`)).attempts.length, 1)
})

test('an answer that is neither 429 nor 503 does not postpone a delivery, whatever its Retry-After says', async t => {
  const doorbell = await startDoorbell(t)
  const proxied = await startReceiver(t, ({ index }) => (index === 0 ? 404 : 204), { 'retry-after': '3600' })
  const asking = await startReceiver(t, () => 503, { 'retry-after': '3600' })
  const quick = { retry: { delaysMs: [100, 100] } }
  const { id } = await subscribe(doorbell, proxied.url, quick)
  const { id: later } = await subscribe(doorbell, asking.url, quick)
  await doorbell.call('POST', events, checkIn({ id: 'evt-1' }))
  t.is((await rowWhen(doorbell, `evt-1.${id}`)).attempts.length, 2)
  const { nextAttemptAt } = (await rowWhen(doorbell, `evt-1.${later}`, ({ attempts }) => attempts.length > 0)) as {
    readonly nextAttemptAt?: string
  }
  t.true(Date.parse(nextAttemptAt ?? '') > Date.now() + 3_000_000)
})
