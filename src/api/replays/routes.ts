import type { Static } from 'typebox'
import { ulid } from 'ulid'
import { Failure } from '../../domain/failure.ts'
import type { Replay } from '../../domain/replay.ts'
import { defaultLimit, pageOf, readCursor } from '../operation/page.ts'
import type { ApiDeps } from '../deps.ts'
import type { Operations } from '../operation/operation.ts'
import { replayOperations, type replaySchema } from './operations.ts'

const defaultPerSecond = 20
const isId = (value: unknown): value is string => typeof value === 'string'

/** Sending a range of deliveries again. */
export const replayRoutes = (operations: Operations, deps: ApiDeps): void => {
  operations.add(replayOperations.create, async (context, { tenant, body: wanted, tell }) => {
    if ((await deps.subscriptions.get(tenant, wanted.subscriptionId)) === null)
      throw new Failure('not_found', `There is no subscription "${wanted.subscriptionId}".`)
    const replay = newReplay(deps, tenant, wanted)
    const total = await deps.countReplay(replay)
    if (wanted.dryRun === true) return void (context.body = { count: total })
    await deps.replays.insert({ ...replay, total })
    tell({ id: replay.id, after: { ...wanted, total } })
    deps.wake(replay.id)
    context.status = 202
    context.set('Location', `/v1/tenants/${tenant}/replays/${replay.id}`)
    context.body = show({ ...replay, total })
    return undefined
  })

  operations.add(replayOperations.list, async (context, { tenant, query }) => {
    const { limit = defaultLimit, cursor, ...equal } = query
    const before = readCursor(cursor, isId)
    const found = await deps.replays.list(tenant, {
      ...equal,
      ...(before === undefined ? {} : { before }),
      limit: limit + 1,
    })
    const { items, next } = pageOf(found, limit, ({ id }) => id)
    context.body = { items: items.map(show), next }
  })

  operations.add(replayOperations.get, async (context, { tenant, params }) => {
    const replay = await deps.replays.get(tenant, params['id'] ?? '')
    if (replay === null) throw new Failure('not_found', 'There is no such replay.')
    context.body = { ...show(replay), ...(await deps.replays.progress(replay)) }
  })

  operations.add(replayOperations.cancel, async (context, { tenant, params: { id = '' }, tell }) => {
    if ((await deps.replays.get(tenant, id)) === null) throw new Failure('not_found', 'There is no such replay.')
    if (!(await deps.replays.cancel(tenant, id, deps.now())))
      throw new Failure('conflict', 'The replay is over: there is nothing to cancel.')
    tell({ after: { state: 'cancelled' } })
    context.status = 204
  })
}

const newReplay = (deps: ApiDeps, tenant: string, wanted: Static<typeof replaySchema>): Replay => {
  const now = deps.now()
  // Nothing was delivered before 1970.
  const [from, to] = [Math.max(0, Date.parse(wanted.from)), Math.max(0, Date.parse(wanted.to))]
  if (from >= to)
    throw new Failure('invalid_request', '/to must be later than /from.', {
      faults: [{ pointer: '/to', detail: 'must be later than /from' }],
    })
  return {
    id: `rpl_${ulid(now)}`,
    tenant,
    subscriptionId: wanted.subscriptionId,
    from,
    // What the replay itself opens or makes is not replayed again.
    to: Math.min(to, now),
    selection: wanted.status ?? 'all',
    perSecond: wanted.perSecond ?? defaultPerSecond,
    state: 'running',
    total: 0,
    opened: 0,
    skipped: 0,
    cursor: null,
    traceparent: deps.trace()?.traceparent ?? '',
    createdAt: now,
    finishedAt: null,
  }
}

const show = ({
  id,
  subscriptionId,
  from,
  to,
  selection,
  perSecond,
  state,
  total,
  opened,
  skipped,
  ...at
}: Replay) => ({
  id,
  subscriptionId,
  from: new Date(from).toISOString(),
  to: new Date(to).toISOString(),
  status: selection,
  perSecond,
  state,
  total,
  opened,
  skipped,
  createdAt: new Date(at.createdAt).toISOString(),
  ...(at.finishedAt === null ? {} : { finishedAt: new Date(at.finishedAt).toISOString() }),
})
