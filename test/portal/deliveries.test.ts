import { adminToken, checkIn, rowWhen, startDoorbell, subscribe } from '../support/doorbell.ts'
import { startReceiver } from '../support/receiver.ts'
import { inBrowser, openFor, violationsOf } from './browser.ts'

const events = '/v1/tenants/acme/events'

inBrowser(
  'a failing delivery is found by its visit, explains the failure in plain words, and shows a resend live',
  async t => {
    let isHealthy = false
    const receiver = await startReceiver(t, () => (isHealthy ? 204 : 503))
    const doorbell = await startDoorbell(t)
    const { id } = await subscribe(doorbell, receiver.url, {
      description: 'Opens the turnstile',
      retry: { delaysMs: [100, 100] },
    })
    await doorbell.call('POST', events, checkIn({ id: 'evt_well', visitId: 'visit-other' }))
    await doorbell.call('POST', events, checkIn({ id: 'evt_lost', visitId: 'visit-lost' }))
    await rowWhen(doorbell, `evt_lost.${id}`, ({ status }) => status === 'dead')
    const opening = { url: doorbell.service.url, token: adminToken, tenant: 'acme' }
    const { page, faults } = await openFor(t, { ...opening, at: '/deliveries' })

    const rows = page.getByRole('list', { name: 'Deliveries, newest first' }).getByRole('listitem')
    await rows.nth(1).waitFor()
    await page.getByText('Live', { exact: true }).waitFor()
    t.deepEqual(await violationsOf(page), [])
    await page.getByRole('searchbox').fill('visit-lost')
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Remove the visit visit-lost' }).waitFor()
    await rows.filter({ hasText: 'visit-other' }).waitFor({ state: 'detached' })
    t.true(page.url().includes('visitId=visit-lost'))
    t.true((await rows.first().textContent())?.includes('attempt 3: 503'))
    await rows.getByRole('link').click()

    const attempts = page.getByRole('list', { name: 'Attempts, latest first' }).getByRole('listitem')
    await attempts.first().getByText('Attempt 3: 503 Service Unavailable').waitFor()
    t.is(await attempts.count(), 4)
    await attempts.first().getByText('overloaded or down').waitFor()
    await page.getByText('Every attempt of the retry policy failed.').waitFor()
    await page.getByRole('region', { name: 'the body' }).getByText('"visitId": "visit-lost"').waitFor()
    t.deepEqual(await violationsOf(page), [])

    isHealthy = true
    await page.getByRole('button', { name: 'Send again' }).click()
    t.deepEqual(await violationsOf(page), [])
    await page.getByRole('button', { name: 'Send', exact: true }).click()
    await attempts.first().getByText('Attempt 4: 204 No Content').waitFor()
    await page.getByText('The endpoint accepted it at attempt 4.').waitFor()
    t.deepEqual(faults, [])
  },
)

inBrowser(
  'new deliveries wait behind a button while a person is reading, and appear by themselves otherwise',
  async t => {
    const receiver = await startReceiver(t)
    const doorbell = await startDoorbell(t)
    await subscribe(doorbell, receiver.url)
    const opening = { url: doorbell.service.url, token: adminToken, tenant: 'acme', at: '/deliveries' }
    const { page, faults } = await openFor(t, { ...opening, width: 390, height: 700, scheme: 'dark' })
    await page.getByText('No deliveries yet').waitFor()
    await page.getByText('Live', { exact: true }).waitFor()
    t.deepEqual(await violationsOf(page), [])

    await doorbell.call('POST', events, checkIn({ id: 'evt_first', visitId: 'visit-first' }))
    const list = page.getByRole('list', { name: 'Deliveries, newest first' })
    await list.getByText('visit-first').waitFor()
    await list.getByRole('link').focus()
    await doorbell.call('POST', events, checkIn({ id: 'evt_second', visitId: 'visit-second' }))
    await page.getByRole('button', { name: '1 new delivery' }).waitFor()
    t.is(await list.getByText('visit-second').count(), 0)
    t.deepEqual(await violationsOf(page), [])
    await page.getByRole('button', { name: '1 new delivery' }).click()
    await list.getByText('visit-second').waitFor()
    t.is(await list.getByRole('listitem').first().getByText('visit-second').count(), 1)

    await page.getByLabel('Status').selectOption('dead')
    await page.getByText('No matching deliveries').waitFor()
    await page.reload()
    await page.getByText('No matching deliveries').waitFor()
    await page.getByRole('button', { name: 'Clear filters' }).click()
    await list.getByText('visit-first').waitFor()
    t.is(await page.evaluate('document.documentElement.scrollWidth'), 390)
    t.deepEqual(faults, [])
  },
)

inBrowser(
  'an event’s page explains why a subscription did not get it; a waiting delivery is cancelled by keyboard',
  async t => {
    const receiver = await startReceiver(t)
    const doorbell = await startDoorbell(t)
    const { id } = await subscribe(doorbell, receiver.url, { description: 'Turnstile' })
    await subscribe(doorbell, receiver.url, { description: 'Parking', eventTypes: ['visit.created'] })
    await doorbell.call('POST', `/v1/tenants/acme/subscriptions/${id}/pause`)
    await doorbell.call('POST', events, checkIn({ id: 'evt_paused' }))
    await rowWhen(doorbell, `evt_paused.${id}`, ({ status }) => status === 'held')
    const opening = { url: doorbell.service.url, token: adminToken, tenant: 'acme', at: '/deliveries' }
    const { page, faults } = await openFor(t, { ...opening, scheme: 'dark' })

    await page.getByRole('searchbox').fill('evt_unknown')
    await page.keyboard.press('Enter')
    await page.getByText('Nothing in the log has the id').waitFor()
    await page.getByRole('searchbox').fill('evt_paused')
    await page.keyboard.press('Enter')
    await page.getByText('The subscription lists visit.created; the event’s type is visit.checked_in.').waitFor()
    t.deepEqual(await violationsOf(page), [])
    await page.getByRole('link', { name: 'Turnstile' }).focus()
    await page.keyboard.press('Enter')
    await page.getByText('Waiting: the subscription is paused.').waitFor()
    t.deepEqual(await violationsOf(page), [])
    await page.getByRole('button', { name: 'Cancel delivery' }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel delivery' }).focus()
    await page.keyboard.press('Enter')
    await page.getByText('A user cancelled it.').waitFor()
    t.deepEqual(faults, [])
  },
)

inBrowser('an interruption of the stream is shown, and what was missed appears when the stream is back', async t => {
  const receiver = await startReceiver(t)
  const doorbell = await startDoorbell(t)
  const { id } = await subscribe(doorbell, receiver.url)
  await doorbell.call('POST', events, checkIn({ id: 'evt_before', visitId: 'visit-before' }))
  await rowWhen(doorbell, `evt_before.${id}`)
  const opening = { url: doorbell.service.url, token: adminToken, tenant: 'acme', at: '/deliveries' }
  const { page, faults } = await openFor(t, opening)
  await page.getByText('Live', { exact: true }).waitFor()
  await page.getByText('visit-before').waitFor()

  await doorbell.service.stop()
  await page.getByText('Reconnecting… the list may be out of date').waitFor()
  const port = Number(new URL(doorbell.service.url).port)
  const again = await startDoorbell(t, { ...doorbell.settings, port })
  await again.call('POST', events, checkIn({ id: 'evt_missed', visitId: 'visit-missed' }))
  await page.getByText('visit-missed').waitFor()
  await page.getByText('Live', { exact: true }).waitFor()
  t.deepEqual(faults, [])
})
