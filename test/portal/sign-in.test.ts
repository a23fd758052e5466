import { adminToken, startDoorbell } from '../support/doorbell.ts'
import { inBrowser, openFor, violationsOf } from './browser.ts'

inBrowser(
  'a tenant’s token opens its tenant and is forgotten on signing out; a wrong token is rejected with a reason',
  async t => {
    const { service, call } = await startDoorbell(t)
    await call('PUT', '/v1/tenants/acme', { name: 'Acme Facilities' })
    const made = await call<{ token: string }>('POST', '/v1/tenants/acme/tokens', { scopes: ['subscriptions:read'] })
    const { page, faults } = await openFor(t, { url: service.url })

    await page.getByLabel('Access token').fill('dbt_wrong')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('alert').getByText('The bearer token is not known.').waitFor()
    t.deepEqual(await violationsOf(page), [])

    await page.getByLabel('Access token').fill(made.body.token)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Subscriptions' }).waitFor()
    await page.getByText('Acme Facilities').waitFor()
    t.is(await page.getByRole('button', { name: 'Choose another tenant' }).count(), 0)

    await page.reload()
    await page.getByRole('heading', { name: 'Subscriptions' }).waitFor()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByLabel('Access token').waitFor()
    await page.reload()
    await page.getByLabel('Access token').waitFor()
    t.deepEqual(faults, [])
  },
)

inBrowser('the operator chooses a tenant, and then another one', async t => {
  const { service, call } = await startDoorbell(t)
  await call('PUT', '/v1/tenants/acme', { name: 'Acme Facilities' })
  await call('PUT', '/v1/tenants/globex', { name: 'Globex' })
  const { page, faults } = await openFor(t, { url: service.url, token: adminToken })

  await page.getByRole('heading', { name: 'Choose a tenant' }).waitFor()
  t.deepEqual(await violationsOf(page), [])
  await page.getByRole('button', { name: 'Globex' }).click()
  await page.getByRole('heading', { name: 'Subscriptions' }).waitFor()
  await page.getByRole('button', { name: 'Tenant Globex. Choose another tenant' }).click()
  await page.getByRole('button', { name: 'Acme Facilities' }).click()
  await page.getByRole('button', { name: 'Tenant Acme Facilities. Choose another tenant' }).waitFor()
  t.deepEqual(faults, [])
})

inBrowser('a revoked token leads back to the sign-in, which gives the reason', async t => {
  const { service, call } = await startDoorbell(t)
  await call('PUT', '/v1/tenants/acme', { name: 'Acme' })
  const tokens = '/v1/tenants/acme/tokens'
  const made = await call<{ id: string; token: string }>('POST', tokens, { scopes: ['subscriptions:read'] })
  const { page } = await openFor(t, { url: service.url, token: made.body.token })
  await page.getByRole('heading', { name: 'Subscriptions' }).waitFor()
  await call('DELETE', `${tokens}/${made.body.id}`)
  await page.reload()
  await page.getByText('The token was revoked. Ask for a new one.').waitFor()
  t.true(await page.getByLabel('Access token').isVisible())
})
