import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import test, { type ExecutionContext } from 'ava'
import type { Locator, Page } from 'playwright-core'
import { type HostApp, startHostApp } from '../../examples/host-app/host-app.ts'
import { freePort } from '../../src/embedded/ports.ts'
import { adminToken, type Doorbell, startDoorbell } from '../support/doorbell.ts'
import { chromiumPath, launchBrowser, violationsOf } from '../portal/browser.ts'

const whenThereIsABrowser = chromiumPath === null ? test.skip : test.serial

const newFolder = async (t: ExecutionContext): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'doorbell-host-app-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** A host app on a Doorbell; `said` is what it complained of. */
const startApp = async (t: ExecutionContext, { service }: Doorbell, dataDir?: string) => {
  const said: string[] = []
  const app = await startHostApp(
    {
      port: 0,
      host: '127.0.0.1',
      reachedAt: null,
      dataDir: dataDir ?? (await newFolder(t)),
      doorbellUrl: service.url,
      adminToken,
    },
    text => said.push(text),
  )
  let stopped: Promise<void> | undefined
  const stop = () => (stopped ??= app.stop())
  t.teardown(stop)
  return { ...app, stop, said }
}

const phone = { viewport: { width: 390, height: 844 } }
const tablet = { viewport: { width: 1180, height: 820 } }

/** A browser for the pages of one app. `problems`: every error of a page, also one of its security policy. */
const browse = async (t: ExecutionContext, { url }: HostApp) => {
  const browser = await launchBrowser()
  t.teardown(() => browser.close())
  const problems: string[] = []
  const open = async (path: string, options: object, permissions: string[] = []): Promise<Page> => {
    const context = await browser.newContext(options)
    await context.grantPermissions(permissions, { origin: url })
    const page = await context.newPage()
    page.on('pageerror', error => problems.push(`${path}: ${error.message}`))
    page.on('console', message => {
      // A refusal is an answer.
      if (message.type() === 'error' && !/status of 4/.test(message.text())) problems.push(`${path}: ${message.text()}`)
    })
    await page.goto(url + path)
    return page
  }
  return {
    problems,
    openApp: () => open('/', phone),
    openFrontDesk: () => open('/front-desk', tablet),
    /** A host who is logged in on a phone of his own. */
    logIn: async (name: string, permissions?: string[]): Promise<Page> => {
      const page = await open('/', phone, permissions)
      const live = page.waitForResponse(answer => answer.url().includes('/api/live'))
      await page.getByRole('button', { name }).click()
      await live
      return page
    },
  }
}

const invite = async (page: Page, name: string) => {
  await page.getByRole('button', { name: 'Contacts' }).click()
  await page.getByRole('button', { name: `Invite ${name}` }).click()
  await page.getByRole('button', { name: 'Send invitation' }).click()
  await page.getByRole('dialog').waitFor({ state: 'detached' })
}

const toasts = (page: Page): Locator => page.locator('.toast')
const card = (page: Page, name: string): Locator => page.locator('.view.visits .card').filter({ hasText: name })

whenThereIsABrowser('a visitor checks in: his host is told at once, and nobody else', async t => {
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
  t.is(await tom.getByRole('button', { name: 'Cancel the visit of Emiko Tanabe' }).count(), 0, 'she is here already')
  t.deepEqual(await notifications(tom), ['Emiko Tanabe has arrived'])

  await desk.getByRole('button', { name: 'Done' }).click()
  await desk.getByRole('button', { name: 'Check out Emiko Tanabe' }).click()
  await card(tom, 'Emiko Tanabe').getByText('Left at').waitFor()

  // Amara's own visitor comes later: had she been told of Emiko, both would be here.
  await desk.getByRole('button', { name: 'Check in Hana Dvořáková' }).click()
  await toasts(amara).getByText('Hana Dvořáková has arrived').waitFor()
  t.is(await toasts(amara).count(), 1)
  t.is(await toasts(tom).count(), 1)
  t.deepEqual(app.said, [])
  t.deepEqual(problems, [])
})

whenThereIsABrowser('a cancelled visit cannot be checked in, and one that began cannot be cancelled', async t => {
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
  t.is(await post(desk, `/front-desk/api/visits/${id}/check-in`), 409, 'nor past the page')

  await invite(tom, 'Bilal Haddad')
  await desk.getByRole('button', { name: 'Check in Bilal Haddad' }).click()
  await toasts(tom).getByText('Bilal Haddad has arrived').waitFor()
  const inside = (await desk.evaluate(async () => (await fetch('/front-desk/api/visits')).json())) as {
    visits: { id: string; status: string }[]
  }
  const present = inside.visits.find(({ status }) => status === 'checked_in')?.id ?? ''
  t.is(await post(tom, `/api/visits/${present}/cancel`), 409)
  const lucia = await open.logIn('Lucía Serrano')
  t.is(await post(lucia, `/api/visits/${present}/cancel`), 404, 'another’s visit is not there')
  t.deepEqual(problems, [])
})

whenThereIsABrowser('a forged webhook shows nothing', async t => {
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
  t.is(app.said.length, 3, 'each is told to the operator')
  // What is true comes by the same way, and alone.
  await desk.getByRole('button', { name: 'Check in Freya Lindqvist' }).click()
  await toasts(tom).getByText('Freya Lindqvist has arrived').waitFor()
  t.is(await toasts(tom).count(), 1)
  await tom.getByRole('button', { name: 'Alerts' }).click()
  t.is(await tom.locator('.view.alerts .card').count(), 1)
  t.deepEqual(problems, [])
})

whenThereIsABrowser('the past is refused, with words', async t => {
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

whenThereIsABrowser('both pages are accessible, light and dark, also with dialogs open', async t => {
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
  // Colours are judged as they stay.
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

test.serial('a second start finds all that the first one made, and loses no visit', async t => {
  const doorbell = await startDoorbell(t)
  const dataDir = await newFolder(t)
  const first = await startApp(t, doorbell, dataDir)
  const { cookie, home } = await asHost(first, 'host-1')
  await inviteAs(first, cookie)
  await first.stop()

  const second = await startApp(t, doorbell, dataDir)
  t.deepEqual(second.registration, first.registration)
  t.is((await home(second)).visits.length, 1, 'and the session holds')
  const { body } = await doorbell.call<{ items: { url: string }[] }>('GET', '/v1/tenants/host-app/subscriptions')
  t.deepEqual(
    body.items.map(({ url }) => url),
    [`${second.url}/webhooks`],
    'one subscription, at the new port',
  )
  await second.stop()

  const id = second.registration.subscriptionId
  await doorbell.call('DELETE', `/v1/tenants/host-app/subscriptions/${id}`)
  const third = await startApp(t, doorbell, dataDir)
  t.not(third.registration.subscriptionId, id, 'what somebody deleted is made anew')
  t.is(third.registration.appToken, first.registration.appToken)
  await third.stop()

  const tokens = await doorbell.call<{ items: { id: string }[] }>('GET', '/v1/tenants/host-app/tokens')
  for (const token of tokens.body.items) await doorbell.call('DELETE', `/v1/tenants/host-app/tokens/${token.id}`)
  const fourth = await startApp(t, doorbell, dataDir)
  t.not(fourth.registration.appToken, first.registration.appToken, 'and so are tokens that were revoked')
})

/** A logged-in session without a browser; `home` reads what the page reads. */
const asHost = async ({ url }: HostApp, hostId: string) => {
  const answer = await fetch(`${url}/api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ hostId }),
  })
  const cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? ''
  const home = async (app: HostApp) =>
    (await (await fetch(`${app.url}/api/home`, { headers: { cookie } })).json()) as {
      visits: object[]
      notifications: object[]
    }
  return { cookie, home }
}

test.serial('who arrived while the page’s connection was down is told when it is back, to his host alone', async t => {
  const app = await startApp(t, await startDoorbell(t))
  const { cookie, home } = await asHost(app, 'host-1')
  const other = await asHost(app, 'host-2')
  const id = await inviteAs(app, cookie)
  await fetch(`${app.url}/front-desk/api/visits/${id}/check-in`, { method: 'POST' })
  while ((await home(app)).notifications.length === 0) await setImmediate()
  t.is((await other.home(app)).notifications.length, 0)

  /** What a page that saw everything up to `after` is sent at once. */
  const missed = async (session: string, after: string) => {
    const ending = new AbortController()
    const headers = { cookie: session, ...(after === '' ? {} : { 'last-event-id': after }) }
    const { body } = await fetch(`${app.url}/api/live?after=0`, { headers, signal: ending.signal })
    let text = ''
    for await (const chunk of body ?? []) {
      text += Buffer.from(chunk as Uint8Array).toString('utf8')
      if (text.includes('listening')) break
    }
    ending.abort()
    return text
  }
  t.regex(await missed(cookie, ''), /event: notification\nid: 1\ndata: .*Anna Jansen has arrived/)
  t.notRegex(await missed(cookie, '1'), /event: notification/)
  t.notRegex(await missed(other.cookie, ''), /event: notification/)
})

/** The id of a visit that this session's host planned. */
const inviteAs = async ({ url }: HostApp, cookie: string): Promise<string> => {
  const answer = await fetch(`${url}/api/visits`, {
    method: 'POST',
    headers: { cookie, 'content-type': 'application/json' },
    body: JSON.stringify({ contactId: 'contact-1', scheduledAt: new Date(Date.now() + 60_000).toISOString() }),
  })
  return ((await answer.json()) as { id: string }).id
}

test.serial('events wait while Doorbell is away, and arrive in order when it is back', async t => {
  const doorbell = await startDoorbell(t)
  const app = await startApp(t, doorbell)
  const { cookie, home } = await asHost(app, 'host-2')
  const id = await inviteAs(app, cookie)
  const desk = async () =>
    (await (await fetch(`${app.url}/front-desk/api/visits`)).json()) as { events: { traceId: string | null }[] }
  while ((await desk()).events.some(({ traceId }) => traceId === null)) await setImmediate()
  const { port } = new URL(doorbell.service.url)
  await doorbell.service.stop()
  for (const action of ['check-in', 'check-out'])
    t.is((await fetch(`${app.url}/front-desk/api/visits/${id}/${action}`, { method: 'POST' })).status, 200)
  t.is((await desk()).events.filter(({ traceId }) => traceId === null).length, 2)

  await startDoorbell(t, { ...doorbell.settings, port: Number(port) })
  for (;;) {
    const { visits } = await home(app)
    if ((visits[0] as { status: string }).status === 'checked_out') break
    await setImmediate()
  }
  t.pass()
})

test.serial('what hinders the start is said in words', async t => {
  const said = async (environment: Record<string, string>) => {
    const child = spawn(process.execPath, ['examples/host-app/start.ts'], {
      cwd: join(import.meta.dirname, '../..'),
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, NO_COLOR: '1', HOST_APP_PORT: '0', HOST_APP_DATA_DIR: await newFolder(t), ...environment },
    })
    let text = ''
    child.stderr.on('data', data => (text += String(data)))
    const code = await new Promise(resolve => child.once('close', resolve))
    t.is(code, 1)
    t.notRegex(text, /\n {4}at /, 'no stack')
    return text
  }
  const away = `http://127.0.0.1:${await freePort(0)}`
  t.regex(await said({ DOORBELL_URL: away }), /is Doorbell running\? Start it with `npm start`/)
  t.regex(await said({ HOST_APP_PORT: 'many' }), /HOST_APP_PORT is "many"/)

  const careful = await startDoorbell(t, { egressAllow: [], egressHttp: false })
  const at = { DOORBELL_URL: careful.service.url, DOORBELL_ADMIN_TOKEN: adminToken }
  t.regex(await said(at), /DOORBELL_EGRESS_ALLOW=127\.0\.0\.0\/8 DOORBELL_EGRESS_HTTP=true npm start/)
  t.regex(await said({ ...at, DOORBELL_ADMIN_TOKEN: 'not-the-operators' }), /does not know this operator’s token/)
  t.regex(await said({ ...at, DOORBELL_ADMIN_TOKEN: '', DOORBELL_DATA_DIR: '/nowhere' }), /set DOORBELL_ADMIN_TOKEN/)
})

/** Titles of what the service worker shows, as soon as it shows something. */
const notifications = async (page: Page): Promise<string[]> => {
  for (;;) {
    const titles = await page.evaluate<string[]>(
      `navigator.serviceWorker.ready.then(worker => worker.getNotifications()).then(shown => shown.map(({ title }) => title))`,
    )
    if (titles.length > 0) return titles
  }
}
