import { adminToken, checkIn, rowWhen, startDoorbell, subscribe } from '../support/doorbell.ts'
import { startReceiver } from '../support/receiver.ts'
import { inBrowser, openFor, violationsOf } from './browser.ts'

inBrowser('the audit shows what was changed on a subscription, with the values before and after', async t => {
  const doorbell = await startDoorbell(t)
  const { id } = await subscribe(doorbell, 'http://127.0.0.1:9999/', { description: 'Turnstile', timeoutMs: 10_000 })
  const path = `/v1/tenants/acme/subscriptions/${id}`
  await doorbell.call('PATCH', path, { timeoutMs: 5_000, description: null, retry: { delaysMs: [1_000, 60_000] } })
  await doorbell.call('POST', `${path}/pause`)
  const opening = { url: doorbell.service.url, token: adminToken, tenant: 'acme', at: '/audit' }
  const { page, faults } = await openFor(t, opening)

  const entries = page.getByRole('list', { name: 'Changes, newest first' }).getByRole('listitem')
  await entries.nth(2).waitFor()
  const words = (await entries.nth(1).textContent()) ?? ''
  t.regex(words, /The operator\s*changed a subscription/)
  t.regex(words, /timeoutMs\s*was 10 s\s*→\s*is now 5 s/)
  t.regex(words, /description\s*was Turnstile/)
  t.regex(words, /retry\.delaysMs.*is now 1 s, 1 min/)
  t.deepEqual(await violationsOf(page), [])

  await page.getByLabel('Change', { exact: true }).selectOption({ label: 'Paused a subscription' })
  await entries.nth(1).waitFor({ state: 'detached' })
  await entries.getByText('active').waitFor()
  await page.getByLabel('Id of the changed resource').fill('sub_unknown')
  await page.keyboard.press('Enter')
  await page.getByText('No matching changes').waitFor()
  await page.reload()
  await page.getByText('No matching changes').waitFor()
  await page.getByRole('button', { name: 'Clear filters' }).click()
  await page.getByLabel('Scope').selectOption('all')
  await entries.filter({ hasText: 'The operator set the name of a tenant' }).waitFor()
  t.deepEqual(await violationsOf(page), [])
  t.deepEqual(faults, [])
})

inBrowser(
  'the operator rotates the keys and is warned that the next key is new; a tenant sees the key set',
  async t => {
    const doorbell = await startDoorbell(t)
    const { call, service } = doorbell
    await call('PUT', '/v1/tenants/acme', { name: 'Acme' })
    const opening = { url: service.url, token: adminToken, tenant: 'acme', at: '/keys' }
    const { page, faults } = await openFor(t, { ...opening, scheme: 'dark' })
    const keys = page.getByRole('list', { name: 'Signing keys' }).getByRole('listitem')
    await keys.nth(1).waitFor()
    const next = await keys.nth(1).getByRole('code').first().textContent()
    t.deepEqual(await violationsOf(page), [])

    await page.getByRole('button', { name: 'Rotate keys' }).click()
    await page.getByText('The next key is too new').waitFor()
    t.true(await page.getByRole('button', { name: 'Rotate', exact: true }).isDisabled())
    t.deepEqual(await violationsOf(page), [])
    await page.getByLabel('Rotate anyway').check()
    await page.getByRole('button', { name: 'Rotate', exact: true }).click()
    await keys.filter({ hasText: 'Retired' }).waitFor()
    t.is(await keys.filter({ hasText: 'Current' }).getByRole('code').first().textContent(), next)
    t.deepEqual(faults, [])

    const made = await call<{ token: string }>('POST', '/v1/tenants/acme/tokens', { scopes: ['subscriptions:read'] })
    const other = await openFor(t, { url: service.url, token: made.body.token, at: '/keys', width: 390 })
    await other.page.getByRole('list', { name: 'Signing keys' }).getByRole('listitem').nth(2).waitFor()
    t.is(await other.page.getByRole('button', { name: 'Rotate keys' }).count(), 0)
    t.is(await other.page.evaluate('document.documentElement.scrollWidth'), 390)
    t.deepEqual(await violationsOf(other.page), [])
    t.deepEqual(other.faults, [])
  },
)

inBrowser(
  'the retention is shortened only after a confirmation, and a visitor erased only after entering the id twice',
  async t => {
    const receiver = await startReceiver(t)
    const doorbell = await startDoorbell(t)
    const { id } = await subscribe(doorbell, receiver.url)
    await doorbell.call('POST', '/v1/tenants/acme/events', checkIn({ id: 'evt_seen' }))
    await rowWhen(doorbell, `evt_seen.${id}`)
    const opening = { url: doorbell.service.url, token: adminToken, tenant: 'acme', at: '/privacy' }
    const { page, faults } = await openFor(t, { ...opening, width: 390, height: 800 })

    await page.getByLabel('Days for content').fill('40')
    await page.getByText('Enter a whole number from 1 to 30.').waitFor()
    await page.getByLabel('Days for content').fill('3')
    t.deepEqual(await violationsOf(page), [])
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Shorten the retention?' }).waitFor()
    t.deepEqual(await violationsOf(page), [])
    await page.getByRole('button', { name: 'Shorten and remove data' }).click()
    await page.getByText('Saved. The new retention applies now.').waitFor()
    t.like((await doorbell.call('GET', '/v1/tenants/acme/retention')).body, { payloadDays: 3, logDays: 30 })

    const visitor = (checkIn().data as { visitor: { id: string } }).visitor.id
    await page.getByLabel('Visitor id').fill(visitor)
    await page.keyboard.press('Enter')
    const erase = page.getByRole('button', { name: 'Erase permanently' })
    t.true(await erase.isDisabled())
    t.deepEqual(await violationsOf(page), [])
    await page.getByLabel(`Enter ${visitor} again`).fill(visitor)
    await page.keyboard.press('Enter')
    await page.getByRole('status').getByText('Erased', { exact: true }).waitFor()
    t.regex((await page.getByRole('group', { name: 'Erasure' }).textContent()) ?? '', /overwritten1.*emptied1/)
    t.false(page.url().includes(visitor))
    t.is(await page.evaluate('document.documentElement.scrollWidth'), 390)
    t.deepEqual(await violationsOf(page), [])
    t.deepEqual(faults, [])
  },
)
