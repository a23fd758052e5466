/** `npm run demo`: one check-in from front desk to verified push notification, and once more with a receiver that is down at first. */
import { type ChildProcess, fork, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { styleText } from 'node:util'
import { eventTypes } from '../config/event-types/index.ts'

const root = join(import.meta.dirname, '..')
const dataDir = await mkdtemp(join(tmpdir(), 'doorbell-demo-'))
const tenant = 'customer'
const waitLimitMs = 60_000

let startedAt = performance.now()
const say = (text: string) => process.stdout.write(`${text}\n`)
const hop = (who: string, what: string) =>
  say(
    `  ${styleText('dim', `${(performance.now() - startedAt).toFixed(0).padStart(6)} ms`)}  ${styleText('bold', who.padEnd(12))} ${what}`,
  )

/** A service of its own, with ports and data of its own, so that it runs beside any other. */
const startDoorbell = (): Promise<{ child: ChildProcess; url: string; token: string }> => {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: otlp, DOORBELL_JAEGER_URL: jaeger, ...others } = process.env
  const environment = Object.fromEntries(
    Object.entries(others).filter(([name]) => !/^(DOORBELL_|NATS_URL|MONGODB_URL|PUBLIC_URL|HOST$)/.test(name)),
  )
  const child = spawn(process.execPath, ['--import', './observability/register.ts', 'src/main.ts'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      ...environment,
      ...(otlp === undefined ? {} : { OTEL_EXPORTER_OTLP_ENDPOINT: otlp }),
      ...(jaeger === undefined ? {} : { DOORBELL_JAEGER_URL: jaeger }),
      PORT: '0',
      NO_COLOR: '1',
      DOORBELL_DATA_DIR: dataDir,
      // The host app runs on this machine and speaks plain http.
      DOORBELL_EGRESS_ALLOW: '127.0.0.0/8',
      DOORBELL_EGRESS_HTTP: 'true',
      DOORBELL_LOG_LEVEL: 'warn',
    },
  })
  return new Promise((resolve, reject) => {
    let text = ''
    child.stderr.on('data', data => {
      text += String(data)
      for (const line of String(data).split('\n'))
        if (/^(fetching|downloading|looking|mongod needs)/.test(line)) say(styleText('dim', `  ${line}`))
      const url = /^Doorbell +(\S+)\/$/m.exec(text)?.[1]
      const token = /^operator token +(\S+)$/m.exec(text)?.[1]
      if (url !== undefined && token !== undefined) resolve({ child, url, token })
    })
    child.once('exit', code => reject(new Error(`Doorbell ended with ${code}:\n${text}`)))
  })
}

const call = async <T>(url: string, token: string, method: string, body?: object): Promise<T> => {
  const answer = await fetch(url, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  if (!answer.ok) throw new Error(`${method} ${url}: ${answer.status} ${await answer.text()}`)
  return (await answer.json()) as T
}

interface Told {
  readonly type: 'subscribed' | 'arrived' | 'notified' | 'refused'
  readonly subscriptionId?: string
  readonly eventId?: string
  readonly attempt?: string
  readonly down?: boolean
  readonly text?: string
  readonly reason?: string
}

/** The customer's app as a process of its own. */
const startHostApp = (environment: Record<string, string>) => {
  const child = fork(join(root, 'examples/demo-receiver.ts'), {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { ...process.env, ...environment },
  })
  const waiting: { wants: (told: Told) => boolean; resolve: (told: Told) => void }[] = []
  child.on('message', message => {
    const told = message as Told
    if (told.type === 'arrived')
      hop(
        'host app',
        told.down ? `is down: answers 503 to attempt ${told.attempt}` : `receives attempt ${told.attempt}`,
      )
    if (told.type === 'refused') hop('host app', styleText('red', `does not believe it: ${told.reason}`))
    for (const entry of waiting.filter(({ wants }) => wants(told))) entry.resolve(told)
  })
  const until = (wants: (told: Told) => boolean): Promise<Told> =>
    new Promise((resolve, reject) => {
      const limit = setTimeout(() => reject(new Error('the host app did not hear of it in time')), waitLimitMs)
      waiting.push({ wants, resolve: told => (clearTimeout(limit), resolve(told)) })
    })
  return { child, until }
}

interface Row {
  readonly id: string
  readonly status: string
  readonly traceId: string
  readonly jaegerUrl?: string
  readonly attempts: readonly { number: number; status?: number; error?: string; tookMs: number }[]
}

const story = async (title: string, base: string, token: string, downFirst: number): Promise<boolean> => {
  say(`\n${styleText('bold', title)}`)
  startedAt = performance.now()
  const tenantUrl = `${base}/v1/tenants/${tenant}`
  const app = startHostApp({
    DOORBELL_URL: base,
    DOORBELL_TOKEN: token,
    TENANT: tenant,
    DOWN_FIRST: String(downFirst),
    SUBSCRIPTION: JSON.stringify({ retry: { delaysMs: [1_000, 2_000, 4_000] } }),
  })
  try {
    const { subscriptionId = '' } = await app.until(told => told.type === 'subscribed')
    hop('host app', `subscribes for visit.checked_in: ${subscriptionId}`)
    const visitId = `visit-${Date.now()}`
    const data = (type: string) => eventTypes.find(known => known.type === type)?.sample ?? {}
    await call(`${tenantUrl}/events`, token, 'POST', { type: 'visit.created', visitId, data: data('visit.created') })
    hop('portal', `plans a visit: ${visitId}`)

    hop('front desk', 'the visitor checks in')
    const notified = app.until(told => told.type === 'notified')
    const accepted = await call<{ id: string; traceId: string }>(`${tenantUrl}/events`, token, 'POST', {
      type: 'visit.checked_in',
      visitId,
      data: { ...data('visit.checked_in'), checkedInAt: new Date().toISOString() },
    })
    hop('Doorbell', `202: ${accepted.id} is on disk`)
    const { text, eventId } = await notified
    hop('host app', `signature verified against the key set`)
    hop('phone', styleText('green', text ?? ''))
    const row = await settled(`${tenantUrl}/deliveries/${accepted.id}.${subscriptionId}`, token)
    const attempts = row.attempts
      .map(attempt => `${attempt.status ?? attempt.error} after ${attempt.tookMs} ms`)
      .join(', then ')
    hop('ledger', `${row.status} after ${row.attempts.length} attempt(s): ${attempts}`)
    hop('trace', `${row.traceId}${row.jaegerUrl === undefined ? '' : ` ${row.jaegerUrl}`}`)
    await fetch(`${tenantUrl}/subscriptions/${subscriptionId}`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${token}` },
    })
    return eventId === accepted.id && row.status === 'delivered' && row.attempts.length === downFirst + 1
  } finally {
    app.child.disconnect()
  }
}

/** The row once the ledger has the last attempt: the receiver hears of it a few milliseconds earlier. */
const settled = async (url: string, token: string): Promise<Row> => {
  for (const since = Date.now(); Date.now() - since < waitLimitMs;) {
    const row = await call<Row>(url, token, 'GET').catch(() => null)
    if (row?.status === 'delivered') return row
    await wait(20)
  }
  throw new Error('the delivery was not recorded in time')
}

let service: ChildProcess | undefined
let good = false
try {
  say(styleText('bold', 'Doorbell starts, with a NATS and a MongoDB of its own'))
  const { child, url, token } = await startDoorbell()
  service = child
  hop('Doorbell', `listens at ${url}`)
  await call(`${url}/v1/tenants/${tenant}`, token, 'PUT', { name: 'A customer with an app of their own' })
  const scopes = ['events:write', 'subscriptions:read', 'subscriptions:write', 'deliveries:read']
  const { token: tenantToken } = await call<{ token: string }>(`${url}/v1/tenants/${tenant}/tokens`, token, 'POST', {
    scopes,
  })
  hop('portal', 'the operator creates a tenant and its token')
  const first = await story('1. A visitor checks in', url, tenantToken, 0)
  const second = await story('2. A visitor checks in while the app is down', url, tenantToken, 1)
  good = first && second
} catch (error) {
  say(styleText('red', error instanceof Error ? error.message : String(error)))
} finally {
  const ended = new Promise(resolve => service?.once('exit', resolve) ?? resolve(null))
  service?.kill('SIGTERM')
  await ended
  await rm(dataDir, { recursive: true, force: true })
}
say(good ? styleText('green', '\nBoth check-ins arrived, verified.') : styleText('red', '\nThe demo failed.'))
process.exitCode = good ? 0 : 1
