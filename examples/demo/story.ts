import { setTimeout as wait } from 'node:timers/promises'
import { styleText } from 'node:util'
import { eventTypes } from '../../config/event-types/index.ts'
import { call } from './call.ts'
import { chapter, step } from './narrate.ts'
import { startApp } from './start-app.ts'

interface Row {
  readonly status: string
  readonly traceId: string
  readonly jaegerUrl?: string
  readonly attempts: readonly { number: number; status?: number; error?: string; tookMs: number }[]
}

interface Story {
  readonly title: string
  /** The address of Doorbell. */
  readonly base: string
  readonly tenant: string
  readonly token: string
  /** How many attempts the app answers with 503. */
  readonly downFirst: number
}

const waitLimitMs = 60_000
const pollMs = 20

/** Narrates one check-in, from the front desk to the notification. Resolves to whether the app verified it at the expected attempt. */
export const tell = async ({ title, base, tenant, token, downFirst }: Story): Promise<boolean> => {
  chapter(title)
  const tenantUrl = `${base}/v1/tenants/${tenant}`
  const app = startApp({
    DOORBELL_URL: base,
    DOORBELL_TOKEN: token,
    TENANT: tenant,
    DOWN_FIRST: String(downFirst),
    SUBSCRIPTION: JSON.stringify({ retry: { delaysMs: [1_000, 2_000, 4_000] } }),
  })
  try {
    const { subscriptionId = '' } = await app.until('subscribed')
    step('app', `subscribes to visit.checked_in: ${subscriptionId}`)
    const visitId = `visit-${Date.now()}`
    const publish = (type: string, data: object) =>
      call<{ id: string }>(`${tenantUrl}/events`, token, 'POST', {
        type,
        visitId,
        data: { ...sampleOf(type), ...data },
      })
    await publish('visit.created', {})
    step('portal', `plans a visit: ${visitId}`)

    step('front desk', 'the visitor checks in')
    const notified = app.until('notified')
    const { id } = await publish('visit.checked_in', { checkedInAt: new Date().toISOString() })
    step('Doorbell', `202: ${id} is stored on disk`)
    const { text, eventId } = await notified
    step('app', 'has verified the signature with the key set')
    step('phone', styleText('green', text ?? ''))

    const row = await delivered(`${tenantUrl}/deliveries/${id}.${subscriptionId}`, token)
    const { attempts } = row
    const outcomes = attempts.map(({ status, error, tookMs }) => `${status ?? error} in ${tookMs} ms`).join(', then ')
    step('ledger', `${row.status} at attempt ${attempts.length}: ${outcomes}`)
    step('trace', `${row.traceId}${row.jaegerUrl === undefined ? '' : ` ${row.jaegerUrl}`}`)
    await call(`${tenantUrl}/subscriptions/${subscriptionId}`, token, 'DELETE')
    return eventId === id && attempts.length === downFirst + 1
  } finally {
    app.child.disconnect()
  }
}

const sampleOf = (type: string): object => eventTypes.find(known => known.type === type)?.sample ?? {}

/** The row of the ledger. It is written a few milliseconds after the app has received the event. */
const delivered = async (url: string, token: string): Promise<Row> => {
  for (const since = Date.now(); Date.now() - since < waitLimitMs;) {
    const row = await call<Row>(url, token, 'GET').catch(() => null)
    if (row?.status === 'delivered') return row
    await wait(pollMs)
  }
  throw new Error('the delivery was not recorded in time')
}
