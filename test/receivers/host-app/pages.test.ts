import type { Page } from 'playwright-core'
import { startDoorbell } from '../../support/doorbell.ts'
import { until } from '../../support/until.ts'
import { violationsOf } from '../../portal/browser.ts'
import { browse, card, inBrowser, invite, phone, toasts } from './browser.ts'
import { startApp } from './setup.ts'

inBrowser('a visitor checks in: only the host of the visit is notified, at once', async t => {
  const app = await startApp(t, await startDoorbell(t))
  const { problems, ...open } = await browse(t, app)
  const tom = await open.logIn('Tom Peeters', ['notifications'])
  const amara = await open.logIn('Amara Okeke')
  const desk = await open.openFrontDesk()
  await invite(amara, 'Hana Dvořáková')
  await invite(tom, 'Emiko Tanabe')
  await card(tom, 'Emiko Tanabe').getByText('Expected').waitFor()

  await desk.getByRole('button', { name: 'Check in Emiko Tanabe' }).click()
  await desk.getByText('Welcome, Emiko').waitFor()
  await toasts(tom).getByText('Emiko Tanabe has arrived').waitFor()
  await card(tom, 'Emiko Tanabe').getByText('Here since').waitFor()
  t.is(
    await tom.getByRole('button', { name: 'Cancel the visit of Emiko Tanabe' }).count(),
    0,
    'the visitor is already here',
  )
  t.deepEqual(await notifications(tom), ['Emiko Tanabe has arrived'])

  await desk.getByRole('button', { name: 'Done' }).click()
  await desk.getByRole('button', { name: 'Check out Emiko Tanabe' }).click()
  await card(tom, 'Emiko Tanabe').getByText('Left at').waitFor()

  // Amara's own visitor arrives later. A wrong notification about Emiko would be here by then.
  await desk.getByRole('button', { name: 'Check in Hana Dvořáková' }).click()
  await toasts(amara).getByText('Hana Dvořáková has arrived').waitFor()
  t.is(await toasts(amara).count(), 1)
  t.is(await toasts(tom).count(), 1)
  t.deepEqual(app.complaints, [])
  t.deepEqual(problems, [])
})

inBrowser('a cancelled visit cannot be checked in, and a visitor who has checked in cannot be cancelled', async t => {
  const app = await startApp(t, await startDoorbell(t))
  const { problems, ...open } = await browse(t, app)
  const tom = await open.logIn('Tom Peeters')
  const desk = await open.openFrontDesk()
  await invite(tom, 'Anna Jansen')
  const checkIn = desk.getByRole('button', { name: 'Check in Anna Jansen' })
  await checkIn.waitFor()
  const { visits } = (await desk.evaluate(async () => (await fetch('/front-desk/api/visits')).json())) as {
    visits: { id: string }[]
  }
  const id = visits[0]?.id ?? ''

  await tom.getByRole('button', { name: 'Cancel the visit of Anna Jansen' }).click()
  await tom.getByRole('button', { name: 'Cancel the visit', exact: true }).click()
  await card(tom, 'Anna Jansen').getByText('Cancelled').waitFor()
  await checkIn.waitFor({ state: 'detached' })
  const post = (page: Page, path: string) =>
    page.evaluate(
      async where =>
        (await fetch(where, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' })).status,
      path,
    )
  t.is(await post(desk, `/front-desk/api/visits/${id}/check-in`), 409, 'also not without the page')

  await invite(tom, 'Bilal Haddad')
  await desk.getByRole('button', { name: 'Check in Bilal Haddad' }).click()
  await toasts(tom).getByText('Bilal Haddad has arrived').waitFor()
  const inside = (await desk.evaluate(async () => (await fetch('/front-desk/api/visits')).json())) as {
    visits: { id: string; status: string }[]
  }
  const present = inside.visits.find(({ status }) => status === 'checked_in')?.id ?? ''
  t.is(await post(tom, `/api/visits/${present}/cancel`), 409)
  const lucia = await open.logIn('Lucía Serrano')
  t.is(await post(lucia, `/api/visits/${present}/cancel`), 404, 'the visit of another host does not exist')
  t.deepEqual(problems, [])
})

inBrowser('a forged webhook notifies no host', async t => {
  const app = await startApp(t, await startDoorbell(t))
  const { problems, ...open } = await browse(t, app)
  const tom = await open.logIn('Tom Peeters')
  const desk = await open.openFrontDesk()
  await invite(tom, 'Freya Lindqvist')
  await desk.getByRole('button', { name: 'Check in Freya Lindqvist' }).waitFor()
  const { visits } = (await (await fetch(`${app.url}/front-desk/api/visits`)).json()) as { visits: { id: string }[] }
  const body = JSON.stringify({
    id: 'evt-forged',
    type: 'visit.checked_in',
    timestamp: new Date().toISOString(),
    visitId: visits[0]?.id,
    sequence: 1_000,
    data: {},
  })
  const header = Buffer.from(JSON.stringify({ alg: 'none', aud: app.registration.subscriptionId })).toString(
    'base64url',
  )
  for (const jws of ['', `${header}..`, `${header}..AAAA`]) {
    const answer = await fetch(`${app.url}/webhooks`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'webhook-id': 'evt-forged', 'webhook-jws': jws },
      body,
    })
    t.is(answer.status, 401)
  }
  t.is(app.complaints.length, 3, 'each is reported to the operator')
  // An authentic webhook takes the same way, and is the only one that shows.
  await desk.getByRole('button', { name: 'Check in Freya Lindqvist' }).click()
  await toasts(tom).getByText('Freya Lindqvist has arrived').waitFor()
  t.is(await toasts(tom).count(), 1)
  await tom.getByRole('button', { name: 'Alerts' }).click()
  t.is(await tom.locator('.view.alerts .card').count(), 1)
  t.deepEqual(problems, [])
})

inBrowser('a time in the past is refused with a reason', async t => {
  const app = await startApp(t, await startDoorbell(t))
  const { problems, ...open } = await browse(t, app)
  const tom = await open.logIn('Tom Peeters')
  await tom.getByRole('button', { name: 'Contacts' }).click()
  await tom.getByRole('button', { name: 'Invite Julia Brandt' }).click()
  await tom.getByLabel('Date').fill('2020-01-01')
  await tom.getByRole('button', { name: 'Send invitation' }).click()
  await tom.getByText('This time is in the past').waitFor()
  t.is(await card(tom, 'Julia Brandt').count(), 0)
  t.deepEqual(problems, [])
})

inBrowser('both pages are accessible in light and dark, with dialogs open as well', async t => {
  const app = await startApp(t, await startDoorbell(t))
  const { problems, ...open } = await browse(t, app)
  const tom = await open.logIn('Tom Peeters')
  const desk = await open.openFrontDesk()
  const welcome = await open.openApp()
  await welcome.getByRole('button', { name: 'Tom Peeters' }).waitFor()
  await invite(tom, 'Chiara Moretti')
  await invite(tom, 'Ishaan Mehta')
  await desk.getByRole('button', { name: 'Check in Chiara Moretti' }).click()
  await toasts(tom).waitFor()
  // Without animations, axe sees the final colours.
  await Promise.all([tom, desk].map(page => page.emulateMedia({ reducedMotion: 'reduce' })))
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const page of [tom, desk, welcome]) await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    t.deepEqual(await violationsOf(welcome), [], `log in, ${colorScheme}`)
    t.deepEqual(await violationsOf(desk), [], `front desk, ${colorScheme}`)
    for (const view of ['Visits', 'Contacts', 'Alerts']) {
      await tom.getByRole('navigation').getByRole('button', { name: view }).click()
      t.is(await tom.locator('.view:visible').count(), 1, 'a phone shows one view')
      t.deepEqual(await violationsOf(tom), [], `${view}, ${colorScheme}`)
    }
    await tom.getByRole('button', { name: 'Contacts' }).click()
    await tom.getByRole('button', { name: 'Invite Anna Jansen' }).click()
    t.deepEqual(await violationsOf(tom), [], `invitation, ${colorScheme}`)
    await tom.getByRole('button', { name: 'Back' }).click()
    await tom.setViewportSize({ width: 1280, height: 900 })
    t.deepEqual(await violationsOf(tom), [], `wide, ${colorScheme}`)
    await tom.setViewportSize(phone.viewport)
  }
  t.deepEqual(problems, [])
})

/** Resolves to the titles of the service worker's notifications, when there is one. */
const notifications = (page: Page): Promise<string[]> =>
  until(
    () =>
      page.evaluate<string[]>(
        `navigator.serviceWorker.ready.then(worker => worker.getNotifications()).then(shown => shown.map(({ title }) => title))`,
      ),
    ({ length }) => length > 0,
  )
