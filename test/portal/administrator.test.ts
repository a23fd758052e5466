import { adminToken, startDoorbell } from '../support/doorbell.ts'
import { startReceiver } from '../support/receiver.ts'
import { inBrowser, openFor } from './browser.ts'

const scopes = ['subscriptions:read', 'subscriptions:write', 'deliveries:read', 'deliveries:write']

inBrowser(
  'an administrator signs in, subscribes, saves the secret, sees a test arrive, pauses, resumes, and resolves a conflict',
  async t => {
    const { service, call } = await startDoorbell(t)
    const receiver = await startReceiver(t, () => 202)
    await call('PUT', '/v1/tenants/acme', { name: 'Acme Facilities' })
    const { body: made } = await call<{ token: string }>('POST', '/v1/tenants/acme/tokens', { scopes })
    const { page, faults } = await openFor(t, { url: service.url })

    await page.getByLabel('Access token').fill(made.token)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByText('No subscriptions yet').waitFor()
    await page.getByRole('link', { name: 'New subscription' }).click()

    // A value that the service rejects is marked at its field, which gets the focus.
    await page.getByLabel('Address').fill('ftp://example.com/hook')
    await page.getByLabel('visit.checked_in', { exact: false }).first().check()
    await page.getByRole('button', { name: 'Create subscription' }).click()
    await page.getByText('is not supported').waitFor()
    t.is(await page.getByLabel('Address').getAttribute('aria-invalid'), 'true')

    await page.getByLabel('Address').fill(receiver.url)
    await page.getByLabel('Description').fill('Turnstile')
    await page.getByRole('button', { name: 'Sample of visit.checked_in' }).click()
    await page.getByRole('region', { name: 'the sample of visit.checked_in' }).getByText('brussels-hq').waitFor()
    await page.getByText('Retries', { exact: true }).click()
    await page.getByText('12 attempts').last().waitFor()
    await page.getByRole('button', { name: 'Create subscription' }).click()

    await page.getByRole('heading', { name: 'Subscription created' }).waitFor()
    const secret = (await page.locator('[data-secret]').textContent()) ?? ''
    t.regex(secret, /^whsec_/)
    await page.getByRole('button', { name: 'Copy the secret' }).click()
    await page.getByText('Copied').waitFor()
    t.is(await page.evaluate('navigator.clipboard.readText()'), secret)
    const { body: list } = await call<{ items: { id: string }[] }>('GET', '/v1/tenants/acme/subscriptions')
    const id = list.items[0]?.id ?? ''
    for (const language of ['Node', 'Python', 'Go', 'Java', 'Ruby']) {
      await page.getByRole('tab', { name: language }).click()
      const snippet = (await page.getByRole('region', { name: `the ${language} snippet` }).textContent()) ?? ''
      t.true(snippet.includes(id) && snippet.includes(service.url), language)
    }

    await page.getByRole('link', { name: 'I have saved it' }).click()
    await page.getByText('live', { exact: true }).waitFor()
    t.is(await page.getByText(secret).count(), 0, 'the secret is shown once')
    await page.getByRole('button', { name: 'Send test event' }).click()
    await page.getByText('Your endpoint accepted the event').waitFor()
    await page.getByText('It answered 202').waitFor()
    t.is((await receiver.count(1))[0]?.headers['webhook-test'], 'true')

    // An event that another client posts appears without a reload.
    const { eventTypes } = await import('../../config/event-types/index.ts')
    const sample = eventTypes.find(({ type }) => type === 'visit.checked_in')?.sample
    await call('POST', '/v1/tenants/acme/events', { type: 'visit.checked_in', visitId: 'visit-live', data: sample })
    await page.getByText('visit-live').waitFor()

    await page.getByRole('button', { name: 'Pause' }).click()
    await page.getByRole('region', { name: 'State' }).getByText('Paused', { exact: true }).waitFor()
    await call('POST', '/v1/tenants/acme/events', { type: 'visit.checked_in', visitId: 'visit-held', data: sample })
    await page.getByText('visit-held').waitFor()
    await page.getByRole('button', { name: 'Resume' }).click()
    await page.getByRole('dialog').getByText('Skip them').click()
    await page.getByRole('dialog').getByRole('button', { name: 'Resume' }).click()
    await page.getByText('1 held delivery was cancelled.').waitFor()
    await page.getByRole('region', { name: 'State' }).getByText('Active', { exact: true }).waitFor()
    t.is(receiver.arrivals.length, 2, 'the held event was not sent')

    // A colleague changes the timeout during the edit: both changes are kept.
    await page.getByRole('link', { name: 'Edit' }).click()
    await page.getByLabel('Description').fill('Turnstile, north')
    await call('PATCH', `/v1/tenants/acme/subscriptions/${id}`, { timeoutMs: 5_000 })
    await page.getByRole('button', { name: 'Save changes' }).click()
    await page.getByText('Another person changed this subscription while you were editing: timeout').waitFor()
    await page.getByRole('button', { name: 'Apply my changes to theirs' }).click()
    await page.getByRole('button', { name: 'Save changes' }).click()
    await page.getByRole('heading', { name: 'Turnstile, north' }).waitFor()
    const { body: after } = await call('GET', `/v1/tenants/acme/subscriptions/${id}`)
    t.like(after, { description: 'Turnstile, north', timeoutMs: 5_000, status: 'active' })

    await page.getByRole('button', { name: 'Delete subscription' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
    await page.getByText('No subscriptions yet').waitFor()
    t.deepEqual(faults, [])
  },
)

inBrowser('an endpoint is verified and its secret is rotated', async t => {
  const { service, call } = await startDoorbell(t)
  const receiver = await startReceiver(t)
  await call('PUT', '/v1/tenants/acme', { name: 'Acme' })
  const { body: made } = await call<{ id: string; secret: string }>('POST', '/v1/tenants/acme/subscriptions', {
    url: receiver.url,
    eventTypes: ['visit.*'],
    requireVerification: true,
  })
  const at = `/subscriptions/${made.id}`
  const { page, faults } = await openFor(t, { url: service.url, at, token: adminToken, tenant: 'acme' })
  await page.getByRole('region', { name: 'State' }).getByText('Unverified').waitFor()
  await page.getByRole('button', { name: 'Verify endpoint' }).click()
  await page.getByText('Endpoint verification failed').waitFor()
  await page.getByText('Accepts wrong signatures').waitFor()

  await page.getByRole('button', { name: 'Rotate secret' }).click()
  await page.getByRole('button', { name: 'Create a new secret' }).click()
  const secret = (await page.getByRole('dialog').locator('[data-secret]').textContent()) ?? ''
  t.regex(secret, /^whsec_/)
  t.not(secret, made.secret)
  await page.keyboard.press('Escape')
  t.true(await page.getByRole('dialog').isVisible(), 'Escape does not close a secret')
  await page.getByRole('button', { name: 'I have saved it' }).click()
  await page.getByText('The previous secret also signs requests').waitFor()
  t.deepEqual(faults, [])
})

inBrowser('a token is created, shown once, and revoked', async t => {
  const { service, call } = await startDoorbell(t)
  await call('PUT', '/v1/tenants/acme', { name: 'Acme' })
  const { page, faults } = await openFor(t, { url: service.url, at: '/tokens', token: adminToken, tenant: 'acme' })
  await page.getByText('No tokens yet').waitFor()
  await page.getByRole('button', { name: 'New token' }).click()
  await page.getByRole('button', { name: 'Create token' }).click()
  await page.getByText('Choose at least one scope.').waitFor()
  await page.getByLabel('Description').fill('Reporting')
  await page.getByRole('dialog').getByText('deliveries:read').click()
  await page.getByRole('button', { name: 'Create token' }).click()
  const token = (await page.locator('[data-secret]').textContent()) ?? ''
  const authorization = { authorization: `Bearer ${token}` }
  t.is((await call('GET', '/v1/tenants/acme/deliveries', undefined, authorization)).status, 200)
  await page.getByRole('button', { name: 'I have saved it' }).click()

  await page.getByRole('button', { name: 'Revoke Reporting' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click()
  await page.getByText('Revoked', { exact: true }).waitFor()
  t.is((await call('GET', '/v1/tenants/acme/deliveries', undefined, authorization)).status, 401)
  t.deepEqual(faults, [])
})

inBrowser('a read-only token sees no controls that change something', async t => {
  const { service, call } = await startDoorbell(t)
  await call('PUT', '/v1/tenants/acme', { name: 'Acme' })
  const receiver = await startReceiver(t)
  const { body: made } = await call<{ id: string }>('POST', '/v1/tenants/acme/subscriptions', {
    url: receiver.url,
    eventTypes: ['*'],
    description: 'Turnstile',
  })
  const { body: viewer } = await call<{ token: string }>('POST', '/v1/tenants/acme/tokens', {
    scopes: ['subscriptions:read'],
  })
  const { page } = await openFor(t, { url: service.url, at: `/subscriptions/${made.id}`, token: viewer.token })
  await page.getByRole('heading', { name: 'Turnstile' }).waitFor()
  await page.getByRole('heading', { name: 'Settings' }).waitFor()
  for (const name of ['Edit', 'Pause', 'Send test event', 'Verify endpoint', 'Delete subscription', 'Tokens'])
    t.is(await page.getByText(name, { exact: true }).count(), 0, name)
})
