import test from 'ava'
import { checkIn, rowWhen, startDoorbell, subscribe } from '../support/doorbell.ts'
import { startReceiver } from '../support/receiver.ts'

test('an endpoint that does its work and answers 302 does it twice, not at every retry, and the delivery says what to do', async t => {
  // As Google Apps Script: the target has a key of its own each time.
  let answered = 0
  const redirecting = await startReceiver(t, () => 302, {
    get location() {
      return `https://script.example/echo?key=${answered++}`
    },
  })
  const [healthy, doorbell] = [await startReceiver(t), await startDoorbell(t)]
  const retry = { delaysMs: [100, 100, 100, 100] }
  const { id } = await subscribe(doorbell, redirecting.url, { retry })
  const { id: neighbour } = await subscribe(doorbell, healthy.url, { retry })
  await doorbell.call('POST', '/v1/tenants/acme/events', checkIn({ id: 'evt-1' }))
  const row = await rowWhen(doorbell, `evt-1.${id}`, ({ status }) => status === 'dead')
  t.is(row.reason, 'redirected')
  t.deepEqual(
    row.attempts.map(({ status, location }) => [status, location]),
    [1, 2].map(() => [302, 'https://script.example/echo?key=***']),
  )
  t.regex(row.attempts[0]?.detail ?? '', /relay/)
  t.is(redirecting.arrivals.length, 2)
  t.is((await rowWhen(doorbell, `evt-1.${neighbour}`)).attempts.length, 1)
  t.deepEqual(
    doorbell.lines.filter(line => line.includes('script.example')),
    [],
    'the target is no text of the log',
  )

  // A user sends it again once a relay answers for it.
  await doorbell.call('PATCH', `/v1/tenants/acme/subscriptions/${id}`, { url: healthy.url })
  await doorbell.call('POST', `/v1/tenants/acme/deliveries/evt-1.${id}/resend`)
  t.is((await rowWhen(doorbell, `evt-1.${id}`)).attempts.length, 3)
})
