import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ExecutionContext } from 'ava'
import { type HostApp, startHostApp } from '../../../examples/host-app/host-app.ts'
import { adminToken, type Doorbell } from '../../support/doorbell.ts'

/** A folder for one test. */
export const newFolder = async (t: ExecutionContext): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'doorbell-host-app-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** Starts the host app on a Doorbell. `complaints` collects what it reports to the operator. */
export const startApp = async (t: ExecutionContext, { service }: Doorbell, dataDir?: string) => {
  const complaints: string[] = []
  const app = await startHostApp(
    {
      port: 0,
      host: '127.0.0.1',
      reachedAt: null,
      dataDir: dataDir ?? (await newFolder(t)),
      doorbellUrl: service.url,
      adminToken,
    },
    text => complaints.push(text),
  )
  let stopped: Promise<void> | undefined
  const stop = () => (stopped ??= app.stop())
  t.teardown(stop)
  return { ...app, stop, complaints }
}

/** Logs a host in without a browser. `home` reads what the page reads. */
export const asHost = async ({ url }: HostApp, hostId: string) => {
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

/** Plans a visit of the host who is logged in, and returns its id. */
export const inviteAs = async ({ url }: HostApp, cookie: string): Promise<string> => {
  const answer = await fetch(`${url}/api/visits`, {
    method: 'POST',
    headers: { cookie, 'content-type': 'application/json' },
    body: JSON.stringify({ contactId: 'contact-1', scheduledAt: new Date(Date.now() + 60_000).toISOString() }),
  })
  return ((await answer.json()) as { id: string }).id
}
