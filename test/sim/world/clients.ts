import { eventTypes } from '../../../config/event-types/index.ts'
import type { Chance } from '../time/chance.ts'
import type { Owner, Timeline } from '../time/timeline.ts'
import type { Endpoints } from './endpoints.ts'
import { type Asked, type History, urlOf } from './history.ts'
import type { Answer, Request } from './http-call.ts'
import type { SubscriptionPlan, Wish } from './plan.ts'
import type { Process } from './processes.ts'
import type { Trace } from './trace.ts'

export interface ClientPorts {
  readonly timeline: Timeline
  readonly world: Owner
  readonly chance: Chance
  readonly apis: readonly Process[]
  readonly adminToken: string
  readonly endpoints: Endpoints
  readonly history: History
  readonly trace: Trace
  /** The rows of a subscription that a client sees in its list: id and status. */
  readonly rowsOf: (
    subscriptionId: string,
  ) => readonly { readonly id: string; readonly status: string; readonly isUnderWay: boolean }[]
}

export interface Clients {
  /** Creates the tenants; resolves when they are there. */
  createTenants(tenants: readonly string[]): Promise<void>
  /** Begins what a client wants; it is repeated until it is answered. */
  begin(wish: Wish): void
  /** Wishes that have no answer yet. */
  waiting(): number
}

const answerWithinMs = 8_000
const samples = new Map(eventTypes.map(({ type, sample }) => [type, sample]))

/** Clients of the API, as careful ones are: each repeats a request, at either process, until it is answered. */
export const createClients = (ports: ClientPorts): Clients => {
  const { timeline, world, chance, apis, history, trace, endpoints } = ports
  let waiting = 0
  const wait = (ms: number) => new Promise<void>(resolve => void timeline.after(ms, world, resolve))

  const once = (request: Request): Promise<Answer | null> => {
    const headers = { authorization: `Bearer ${ports.adminToken}`, ...request.headers }
    const answered = chance.pick(apis).request({ ...request, headers })
    return Promise.race([answered, wait(answerWithinMs).then(() => null)])
  }

  /** Repeats a request until an answer says that it is done, or can never be. */
  const untilAnswered = async (request: Request): Promise<Answer> => {
    waiting += 1
    try {
      for (;;) {
        const answer = await once(request)
        if (answer !== null && isLast(answer)) return answer
        await wait(300 + chance.next() * 1_500)
      }
    } finally {
      waiting -= 1
    }
  }

  const subscriptionId = async (key: string): Promise<string> => {
    waiting += 1
    try {
      for (;;) {
        const id = history.subscriptions.get(key)?.id ?? null
        if (id !== null) return id
        await wait(500)
      }
    } finally {
      waiting -= 1
    }
  }

  const keyed = (name: string) => ({ 'idempotency-key': name })
  const path = (tenant: string, rest: string) => `/v1/tenants/${tenant}/${rest}`

  const post = async (wish: Wish & { type: 'event' }): Promise<void> => {
    const { tenant, id, visitId, eventType, site } = wish
    const ownId = chance.happens(0.7)
    const data = { ...samples.get(eventType), site, ref: id }
    const answer = await untilAnswered({
      method: 'POST',
      path: path(tenant, 'events'),
      ...(ownId ? {} : { headers: keyed(`event-${id}`) }),
      body: { ...(ownId ? { id } : {}), type: eventType, visitId, data },
    })
    if (answer.status !== 202)
      return trace.note('client', `${id} is refused: ${answer.status} ${String(answer.body['code'])}`)
    history.accepted.push({ tenant, id: String(answer.body['id']), ref: id, acceptedAt: timeline.now() })
    trace.note('client', `${tenant} ${id} accepted${answer.body['duplicate'] === true ? ' (duplicate)' : ''}`)
  }

  const create = async (plan: SubscriptionPlan): Promise<void> => {
    const { key, tenant } = plan
    const url = urlOf(key, 1)
    endpoints.set(url, plan.character)
    const asked: Asked = { what: 'create', askedAt: timeline.now(), answeredAt: null, refused: false, url }
    const known = { plan, id: null as string | null, asked: [asked] }
    history.subscriptions.set(key, known)
    const answer = await untilAnswered({
      method: 'POST',
      path: path(tenant, 'subscriptions'),
      headers: keyed(`create-${key}`),
      body: {
        url,
        eventTypes: plan.eventTypes,
        ...(plan.site === undefined ? {} : { filter: { site: [plan.site] } }),
        ordering: plan.ordering,
        ...(plan.ratePerSecond === undefined ? {} : { ratePerSecond: plan.ratePerSecond }),
        maxInFlight: plan.maxInFlight,
        timeoutMs: plan.timeoutMs,
        retry: {
          maxAttempts: plan.maxAttempts,
          firstDelayMs: 500,
          factor: 2,
          maxDelayMs: 8_000,
          giveUpAfterMs: 120_000,
        },
      },
    })
    asked.answeredAt = timeline.now()
    if (answer.status !== 201) {
      asked.refused = true
      return trace.note('client', `${key} is not created: ${answer.status} ${String(answer.body['code'])}`)
    }
    known.id = String(answer.body['id'])
    trace.note(
      'client',
      `${tenant} ${key} created (${plan.character}, ${plan.ordering}, ${plan.eventTypes.join()}): ${known.id}`,
    )
  }

  const change = async (
    wish: Wish & { key: string },
    what: Asked['what'],
    request: (id: string) => Request,
    more = {},
  ) => {
    const known = history.subscriptions.get(wish.key)
    if (known === undefined) return
    const id = await subscriptionId(wish.key)
    const asked: Asked = { what, askedAt: timeline.now(), answeredAt: null, refused: false, ...more }
    known.asked.push(asked)
    trace.note('client', `${wish.key} ${what} is asked for`)
    const answer = await untilAnswered(request(id))
    asked.refused = answer.status >= 300 && !(what === 'delete' && answer.status === 404)
    asked.answeredAt = timeline.now()
    trace.note('client', `${wish.key} ${what}: ${answer.status}`)
  }

  const patch = (tenant: string, body: object) => (id: string) => ({
    method: 'PATCH',
    path: path(tenant, `subscriptions/${id}`),
    headers: { 'content-type': 'application/merge-patch+json' },
    body,
  })

  /** The hardest moment to cancel a row is during an attempt: it is waited for. */
  const untilUnderWay = async (id: string): Promise<void> => {
    for (let looks = 0; looks < 300; looks += 1) {
      if (ports.rowsOf(id).some(({ status, isUnderWay }) => status === 'pending' && isUnderWay)) return
      await wait(100)
    }
  }

  const onRow = async (wish: Wish & { type: 'resend' | 'cancel' }, tenant: string): Promise<void> => {
    const id = await subscriptionId(wish.key)
    const wanted = (status: string) =>
      (wish.type === 'cancel' ? ['pending', 'held'] : ['delivered', 'dead', 'pending', 'held']).includes(status)
    if (wish.type === 'cancel') await untilUnderWay(id)
    const open = ports.rowsOf(id).filter(({ status }) => wanted(status))
    const underWay = open.filter(({ isUnderWay }) => isUnderWay)
    const rows = wish.type === 'cancel' && underWay.length > 0 ? underWay : open
    const row = rows[Math.floor(wish.chance * rows.length)]
    if (row === undefined) return
    if (wish.type === 'resend') history.touchedRows.set(row.id, timeline.now())
    const answer = await untilAnswered({
      method: 'POST',
      path: path(tenant, `deliveries/${row.id}/${wish.type}`),
      headers: keyed(`${wish.type}-${row.id}-${wish.at}`),
    })
    trace.note('client', `${wish.key} ${wish.type} of ${row.id}: ${answer.status}`)
  }

  const replay = async (wish: Wish & { type: 'replay' }, tenant: string): Promise<void> => {
    const id = await subscriptionId(wish.key)
    history.replayed.add(id)
    const now = timeline.now()
    const body = {
      subscriptionId: id,
      from: new Date(now - wish.backMs).toISOString(),
      to: new Date(now).toISOString(),
      perSecond: 20,
    }
    const answer = await untilAnswered({
      method: 'POST',
      path: path(tenant, 'replays'),
      headers: keyed(`replay-${wish.key}-${wish.at}`),
      body,
    })
    trace.note('client', `${wish.key} replay: ${answer.status} ${String(answer.body['total'] ?? answer.body['code'])}`)
  }

  const grant = async (wish: Wish): Promise<void> => {
    if (wish.type === 'event') return post(wish)
    if (wish.type === 'create') return create(wish.subscription)
    const tenant = history.subscriptions.get(wish.key)?.plan.tenant
    if (tenant === undefined) return
    switch (wish.type) {
      case 'pause':
      case 'resume':
        return change(wish, wish.type, id => ({
          method: 'POST',
          path: path(tenant, `subscriptions/${id}/${wish.type}`),
        }))
      case 'delete':
        return change(wish, 'delete', id => ({ method: 'DELETE', path: path(tenant, `subscriptions/${id}`) }))
      case 'move': {
        const url = urlOf(wish.key, wish.version)
        endpoints.set(url, wish.character)
        return change(wish, 'move', patch(tenant, { url }), { url })
      }
      case 'refilter':
        return change(wish, 'refilter', patch(tenant, { filter: { site: [wish.site] } }), { site: wish.site })
      case 'resend':
      case 'cancel':
        return onRow(wish, tenant)
      case 'replay':
        return replay(wish, tenant)
    }
  }

  return {
    createTenants: async tenants => {
      for (const tenant of tenants)
        await untilAnswered({ method: 'PUT', path: `/v1/tenants/${tenant}`, body: { name: tenant } })
    },
    begin: wish => void grant(wish),
    waiting: () => waiting,
  }
}

/** These say that the request was not carried out, or not surely, and may be repeated. */
const isLast = ({ status, body }: Answer): boolean =>
  status < 500 && status !== 429 && body['code'] !== 'idempotency_key_in_use' && status !== 0
