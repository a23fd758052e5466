import test from 'ava'
import { startDoorbell } from '../../support/doorbell.ts'
import { until } from '../../support/until.ts'
import { asHost, inviteAs, startApp } from './setup.ts'

test.serial('a page that reconnects receives the arrivals that it missed, and no other host’s', async t => {
  const app = await startApp(t, await startDoorbell(t))
  const { cookie, home } = await asHost(app, 'host-1')
  const other = await asHost(app, 'host-2')
  const id = await inviteAs(app, cookie)
  await fetch(`${app.url}/front-desk/api/visits/${id}/check-in`, { method: 'POST' })
  await until(async () => (await home(app)).notifications.length > 0)
  t.is((await other.home(app)).notifications.length, 0)

  /** The first messages to a page that has received everything up to `after`. */
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

test.serial('events wait while Doorbell is stopped, and arrive in order when it runs again', async t => {
  const doorbell = await startDoorbell(t)
  const app = await startApp(t, doorbell)
  const { cookie, home } = await asHost(app, 'host-2')
  const id = await inviteAs(app, cookie)
  const desk = async () =>
    (await (await fetch(`${app.url}/front-desk/api/visits`)).json()) as { events: { traceId: string | null }[] }
  await until(async () => (await desk()).events.every(({ traceId }) => traceId !== null))
  const { port } = new URL(doorbell.service.url)
  await doorbell.service.stop()
  for (const action of ['check-in', 'check-out'])
    t.is((await fetch(`${app.url}/front-desk/api/visits/${id}/${action}`, { method: 'POST' })).status, 200)
  t.is((await desk()).events.filter(({ traceId }) => traceId === null).length, 2)

  await startDoorbell(t, { ...doorbell.settings, port: Number(port) })
  const status = async () => ((await home(app)).visits[0] as { status: string }).status
  await until(async () => (await status()) === 'checked_out')
  t.pass()
})
