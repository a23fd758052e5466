import type { Page } from 'playwright-core'
import { adminToken, checkIn, type Doorbell, rowWhen, startDoorbell } from '../support/doorbell.ts'
import { startReceiver, type TestReceiver } from '../support/receiver.ts'
import { inBrowser, launchBrowser, openFor, openPage, violationsOf } from './browser.ts'

/** Each view, and what shows that it is loaded. */
const views = (id: string, replay: string) =>
  [
    ['/subscriptions', page => page.getByText('1 endpoint').waitFor()],
    ['/subscriptions/new', page => page.getByText('visit.checked_in', { exact: true }).waitFor()],
    [`/subscriptions/${id}`, page => page.getByText('It answered 204').waitFor()],
    [`/subscriptions/${id}/edit`, page => page.getByText('visit.checked_in', { exact: true }).waitFor()],
    ['/deliveries', page => page.getByText('204 in').first().waitFor()],
    ['/deliveries?status=dead', page => page.getByText('No matching deliveries').waitFor()],
    [`/deliveries/evt_seen.${id}`, page => page.getByText('The endpoint accepted it at attempt').waitFor()],
    ['/deliveries/events/evt_seen', page => page.getByText('The endpoint accepted it at attempt').waitFor()],
    ['/deliveries/nowhere', page => page.getByRole('alert').waitFor()],
    ['/replays', page => page.getByText('1 of 1').waitFor()],
    [`/replays/${replay}`, page => page.getByText('Done').waitFor()],
    ['/replays/new', page => page.getByText('Count deliveries').waitFor()],
    ['/keys', page => page.getByText('Current', { exact: true }).waitFor()],
    ['/tokens', page => page.getByText('Reporting').waitFor()],
    ['/audit', page => page.getByText('created a token').last().waitFor()],
    ['/privacy', page => page.getByLabel('Days for content').waitFor()],
    ['/nowhere', page => page.getByText('There is no page at this address').waitFor()],
  ] as const satisfies readonly (readonly [string, (page: Page) => Promise<void>])[]

/** Creates a tenant that has data for each view. */
const fill = async ({ call }: Pick<Doorbell, 'call'>, receiver: TestReceiver, path = '') => {
  await call('PUT', '/v1/tenants/acme', { name: 'Acme' })
  await call('POST', '/v1/tenants/acme/tokens', { description: 'Reporting', scopes: ['deliveries:read'] })
  const { body } = await call<{ id: string }>('POST', '/v1/tenants/acme/subscriptions', {
    url: `${receiver.url}${path}`,
    eventTypes: ['visit.*'],
    description: 'Turnstile',
    retry: { delaysMs: [1_000, 60_000, 3_600_000] },
    headers: { 'x-api-key': 'key' },
    filter: { site: ['ghent'] },
  })
  const { id: subscriptionId } = body
  await call('POST', '/v1/tenants/acme/events', checkIn({ id: 'evt_seen', data: { ...checkIn().data, site: 'ghent' } }))
  await rowWhen({ call }, `evt_seen.${subscriptionId}`)
  const range = { from: '2020-01-01T00:00:00Z', to: '2099-01-01T00:00:00Z' }
  const replay = await call<{ id: string }>('POST', '/v1/tenants/acme/replays', { subscriptionId, ...range })
  await receiver.count(2)
  return { id: subscriptionId, replay: replay.body.id }
}

inBrowser('axe finds no violation on any view, in light and dark colours', async t => {
  // Seventeen pages, one after another: half a minute on a free machine.
  t.timeout(300_000)
  const { service, call } = await startDoorbell(t)
  const receiver = await startReceiver(t)
  const { id, replay } = await fill({ call }, receiver)
  const browser = await launchBrowser()
  t.teardown(() => browser.close())
  for (const [at, isThere] of views(id, replay)) {
    const { page, faults } = await openPage(browser, { url: service.url, at, token: adminToken, tenant: 'acme' })
    if (at === `/subscriptions/${id}`) await page.getByRole('button', { name: 'Send test event' }).click()
    if (at === '/subscriptions/new' || at.endsWith('/edit'))
      for (const section of ['Retries', 'Pace and order', 'Request and security'])
        await page.getByRole('heading', { name: section }).click()
    await isThere(page)
    t.deepEqual(await violationsOf(page), [], at)
    await page.emulateMedia({ colorScheme: 'dark' })
    t.deepEqual(await violationsOf(page, ['color-contrast']), [], `${at}, dark`)
    t.deepEqual(faults, [], at)
    await page.context().close()
  }
})

inBrowser('axe finds no violation on dialogs, on secrets, and on faults at their fields', async t => {
  const { service, call } = await startDoorbell(t)
  const receiver = await startReceiver(t)
  await call('PUT', '/v1/tenants/acme', { name: 'Acme' })
  const { page, faults } = await openFor(t, {
    url: service.url,
    at: '/subscriptions/new',
    token: adminToken,
    tenant: 'acme',
  })
  const hasNone = async (what: string) => t.deepEqual(await violationsOf(page), [], what)

  await page.getByText('visit.checked_in', { exact: true }).waitFor()
  await page.getByRole('button', { name: 'Create subscription' }).click()
  await page.getByText('2 fields need a change').waitFor()
  await page.getByRole('button', { name: 'Schema of visit.updated' }).click()
  await hasNone('faults')
  await page.getByLabel('Address').fill(receiver.url)
  await page.getByText('visit.checked_in', { exact: true }).click()
  await page.getByRole('button', { name: 'Create subscription' }).click()
  await page.getByRole('heading', { name: 'Subscription created' }).waitFor()
  await hasNone('the secret and the snippets')
  await page.getByRole('link', { name: 'I have saved it' }).click()

  await page.getByRole('button', { name: 'Delete subscription' }).click()
  await hasNone('deletion')
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Rotate secret' }).click()
  await hasNone('rotation')
  await page.getByRole('button', { name: 'Create a new secret' }).click()
  await page.getByRole('dialog').locator('[data-secret]').waitFor()
  await hasNone('the new secret')
  await page.getByRole('button', { name: 'I have saved it' }).click()
  await page.getByRole('button', { name: 'Pause' }).click()
  await page.getByRole('button', { name: 'Resume' }).click()
  await hasNone('resuming')
  await page.keyboard.press('Escape')
  await page.getByRole('link', { name: 'Tokens' }).click()
  await page.getByRole('button', { name: 'New token' }).click()
  await hasNone('a new token')
  t.deepEqual(faults, [])
})

inBrowser('no view is wider than a phone', async t => {
  const { service, call } = await startDoorbell(t)
  const receiver = await startReceiver(t)
  const { id, replay } = await fill({ call }, receiver, `/${'a-long-path/'.repeat(12)}`)
  const { page } = await openFor(t, { url: service.url, token: adminToken, tenant: 'acme', width: 390, height: 844 })
  for (const [at, isThere] of views(id, replay)) {
    await page.goto(`${service.url}/#${at}`)
    if (at === `/subscriptions/${id}`) await page.getByRole('button', { name: 'Send test event' }).click()
    if (at === '/subscriptions/new' || at.endsWith('/edit'))
      for (const section of ['Retries', 'Pace and order', 'Request and security'])
        await page.getByRole('heading', { name: section }).click()
    await isThere(page)
    t.is(await page.evaluate('document.documentElement.scrollWidth'), 390, at)
  }
})

inBrowser('signing in, creating, testing, pausing and resuming work by keyboard alone', async t => {
  const { service, call } = await startDoorbell(t)
  const receiver = await startReceiver(t)
  await call('PUT', '/v1/tenants/acme', { name: 'Acme' })
  const scopes = ['subscriptions:read', 'subscriptions:write', 'deliveries:read']
  const { body } = await call<{ token: string }>('POST', '/v1/tenants/acme/tokens', { scopes })
  const { page } = await openFor(t, { url: service.url })
  const { keyboard } = page
  /** Presses Tab until the focus is on a control with this name. */
  const reach = async (name: string) => {
    for (let steps = 0; steps < 120; steps += 1) {
      await keyboard.press('Tab')
      const reached = await page.evaluate<string>(`(() => {
        const at = document.activeElement
        return at.getAttribute('aria-label') ?? [...(at.labels ?? [])].map(one => one.textContent).join(' ') + ' ' + at.textContent
      })()`)
      if (reached.replaceAll(/\s+/g, ' ').includes(name)) return
    }
    throw new Error(`"${name}" cannot be reached by Tab`)
  }

  await page.getByLabel('Access token').waitFor()
  await page.locator('input[name=token]:focus').waitFor()
  await keyboard.type(body.token)
  await keyboard.press('Enter')
  await page.getByRole('link', { name: 'New subscription' }).waitFor()
  await reach('New subscription')
  await keyboard.press('Enter')
  await page.getByText('visit.checked_in', { exact: true }).waitFor()
  await reach('Address')
  await keyboard.type(receiver.url)
  await reach('visit.checked_in')
  await keyboard.press('Space')
  await keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Subscription created' }).waitFor()
  await reach('Node')
  await keyboard.press('ArrowRight')
  await page.getByRole('tab', { name: 'Python', selected: true }).waitFor()
  await reach('I have saved it')
  await keyboard.press('Enter')
  await page.getByRole('button', { name: 'Send test event' }).waitFor()
  await reach('Pause')
  await keyboard.press('Enter')
  await page.getByRole('region', { name: 'State' }).getByText('Paused', { exact: true }).waitFor()
  await reach('Send test event')
  await keyboard.press('Enter')
  await page.getByText('It answered 204').waitFor()
  await keyboard.press('Shift+Tab')
  await page.getByRole('heading', { name: receiver.url.slice('http://'.length) }).focus()
  await reach('Resume')
  await keyboard.press('Enter')
  await page.getByRole('dialog').waitFor()
  await keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  const focused = page.locator('button:focus', { hasText: 'Resume' })
  await focused.waitFor()
  t.is((await focused.textContent())?.trim(), 'Resume', 'the focus returns to the button')
  await keyboard.press('Enter')
  await page.getByRole('dialog').waitFor()
  await keyboard.press('Enter')
  await page.getByRole('region', { name: 'State' }).getByText('Active', { exact: true }).waitFor()
})
