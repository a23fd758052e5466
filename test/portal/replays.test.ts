import { adminToken, checkIn, rowWhen, startDoorbell, subscribe } from '../support/doorbell.ts'
import { startReceiver } from '../support/receiver.ts'
import { inBrowser, openFor, violationsOf } from './browser.ts'

const events = '/v1/tenants/acme/events'

inBrowser('a replay is counted before it is sent, and its page shows when the last delivery is done', async t => {
  const receiver = await startReceiver(t)
  const doorbell = await startDoorbell(t)
  const { id } = await subscribe(doorbell, receiver.url, { description: 'Turnstile' })
  for (const event of ['evt_1', 'evt_2', 'evt_3']) {
    await doorbell.call('POST', events, checkIn({ id: event }))
    await rowWhen(doorbell, `${event}.${id}`)
  }
  const opening = { url: doorbell.service.url, token: adminToken, tenant: 'acme', at: '/replays' }
  const { page, faults } = await openFor(t, opening)
  await page.getByText('No replays yet').waitFor()
  await page.getByRole('link', { name: 'New replay' }).click()

  await page.getByRole('button', { name: 'Count deliveries' }).click()
  await page.getByText('Choose a subscription.').waitFor()
  t.deepEqual(await violationsOf(page), [])
  await page.getByLabel('Subscription', { exact: true }).selectOption({ label: 'Turnstile' })
  await page.getByRole('button', { name: 'Count deliveries' }).click()
  await page.getByText('No deliveries in this range').waitFor()
  await page.getByRole('radio', { name: /^Delivered/ }).check()
  await page.getByRole('button', { name: 'Last hour' }).click()
  await page.getByLabel('To', { exact: true }).fill('2099-01-01T00:00:00')
  await page.keyboard.press('Enter')
  await page.getByText('3 deliveries', { exact: true }).waitFor()
  t.deepEqual(await violationsOf(page), [])
  t.is(receiver.arrivals.length, 3)

  await page.getByRole('button', { name: 'Send 3 deliveries again' }).click()
  await page.getByRole('heading', { name: 'Replay of delivered deliveries' }).waitFor()
  const again = (await receiver.count(6)).slice(3)
  t.true(again.every(({ headers }) => headers['webhook-replay'] === 'true'))
  await page.getByRole('status').getByText('Done').waitFor()
  t.is(await page.getByRole('progressbar').getAttribute('aria-valuenow'), '3')
  t.deepEqual(await violationsOf(page), [])

  await page.getByRole('link', { name: 'Replays' }).last().click()
  await page.getByRole('cell', { name: '3 of 3' }).waitFor()
  t.deepEqual(await violationsOf(page), [])
  t.deepEqual(faults, [])
})

inBrowser(
  'a slow replay is cancelled on a phone in dark mode, and unsent deliveries return to their status',
  async t => {
    const receiver = await startReceiver(t)
    const doorbell = await startDoorbell(t)
    const { id: subscriptionId } = await subscribe(doorbell, receiver.url)
    for (const event of ['evt_1', 'evt_2', 'evt_3']) {
      await doorbell.call('POST', events, checkIn({ id: event }))
      await rowWhen(doorbell, `${event}.${subscriptionId}`)
    }
    const range = { from: '2020-01-01T00:00:00Z', to: '2099-01-01T00:00:00Z', perSecond: 0.1 }
    const started = await doorbell.call<{ id: string }>('POST', '/v1/tenants/acme/replays', {
      subscriptionId,
      ...range,
    })
    await receiver.count(4)
    const at = `/replays/${started.body.id}`
    const place = { url: doorbell.service.url, token: adminToken, tenant: 'acme', at }
    const { page, faults } = await openFor(t, { ...place, scheme: 'dark', width: 390, height: 800 })
    await page.getByRole('button', { name: 'Cancel replay' }).click()
    t.deepEqual(await violationsOf(page), [])
    await page.getByRole('button', { name: 'Stop sending' }).click()
    await page.getByRole('status').getByText('Cancelled', { exact: true }).waitFor()
    t.is(await page.evaluate('document.documentElement.scrollWidth'), 390)
    t.deepEqual(await violationsOf(page), [])
    const rows = await doorbell.call<{ items: { status: string }[] }>('GET', '/v1/tenants/acme/deliveries')
    t.true(rows.body.items.every(({ status }) => status === 'delivered'))
    t.deepEqual(faults, [])
  },
)
