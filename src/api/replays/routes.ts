import type { Context } from 'koa'
import type { Static } from 'typebox'
import { Failure } from '../../domain/failure.ts'
import type { Replay, ReplayProgress } from '../../domain/replay.ts'
import type { EpochMs } from '../../domain/time.ts'
import type { Operations } from '../operation/operations.ts'
import { byId, readPage } from '../operation/page.ts'
import type { SubscriptionStore } from '../subscriptions/store.ts'
import { defaultPerSecond, type newReplay, replayOperations } from './operations.ts'
import { showReplay } from './wire.ts'

export interface ReplayDeps {
  readonly subscriptions: Pick<SubscriptionStore, 'get'>
  readonly replays: {
    /** A replay with this id stays as it is. */
    insert(replay: Replay): Promise<void>
    get(tenant: string, id: string): Promise<Replay | null>
    /** The newest first. `before`: the id of the last one of the previous page. */
    list(
      tenant: string,
      query: { readonly subscriptionId?: string; readonly before?: string; readonly limit: number },
    ): Promise<Replay[]>
    progress(replay: Replay): Promise<ReplayProgress>
    /** False when it has ended already. */
    cancel(tenant: string, id: string, now: EpochMs): Promise<boolean>
  }
  /** How many deliveries a replay would open. */
  readonly countReplay: (replay: Replay) => Promise<number>
  /** Makes a worker start the replay. */
  readonly wake: (id: string) => void
  readonly trace: () => { readonly traceparent: string } | null
  readonly now: () => EpochMs
}

/** Sending a range of deliveries again. */
export const replayRoutes = (operations: Operations, deps: ReplayDeps): void => {
  const { replays } = deps
  const find = async ({ tenant, id }: { readonly tenant: string; readonly id: string }): Promise<Replay> => {
    const replay = await replays.get(tenant, id)
    if (replay === null) throw new Failure('not_found', 'There is no such replay.')
    return replay
  }

  operations.add(replayOperations.create, async context => {
    const { tenant } = context.params
    const { body, identity, record } = context.state
    if ((await deps.subscriptions.get(tenant, body.subscriptionId)) === null)
      throw new Failure('not_found', `There is no subscription "${body.subscriptionId}".`)
    const traceparent = deps.trace()?.traceparent ?? ''
    const wanted = replayOf(body, { id: identity.id('rpl'), tenant, now: identity.at, traceparent })
    const earlier = identity.isRepeated ? await replays.get(tenant, wanted.id) : null
    if (earlier !== null) return answerStarted(context, earlier)
    const total = await deps.countReplay(wanted)
    if (body.dryRun === true) {
      context.status = 200
      return { count: total }
    }
    const replay = { ...wanted, total }
    await replays.insert(replay)
    record({ id: replay.id, after: { ...body, total } })
    deps.wake(replay.id)
    return answerStarted(context, replay)
  })

  operations.add(replayOperations.list, async ({ params: { tenant }, state: { query } }) => {
    const { subscriptionId } = query
    const { items, next } = await readPage(query, {
      ...byId,
      find: ({ limit, after }) =>
        replays.list(tenant, {
          ...(subscriptionId !== undefined && { subscriptionId }),
          ...(after !== undefined && { before: after }),
          limit,
        }),
    })
    return { items: items.map(showReplay), next }
  })

  operations.add(replayOperations.get, async ({ params }) => {
    const replay = await find(params)
    return { ...showReplay(replay), ...(await replays.progress(replay)) }
  })

  operations.add(replayOperations.cancel, async ({ params, state: { record } }) => {
    const { tenant, id } = await find(params)
    if (!(await replays.cancel(tenant, id, deps.now())))
      throw new Failure('conflict', 'The replay has ended: there is nothing to cancel.')
    record({ after: { state: 'cancelled' } })
  })
}

const answerStarted = (context: Pick<Context, 'status' | 'set'>, replay: Replay) => {
  context.status = 202
  context.set('Location', `/v1/tenants/${replay.tenant}/replays/${replay.id}`)
  return showReplay(replay)
}

const replayOf = (
  body: Static<typeof newReplay>,
  { id, tenant, now, traceparent }: Pick<Replay, 'id' | 'tenant' | 'traceparent'> & { readonly now: EpochMs },
): Replay => {
  // Nothing was delivered before 1970.
  const [from, to] = [Math.max(0, Date.parse(body.from)), Math.max(0, Date.parse(body.to))]
  if (from >= to)
    throw new Failure('invalid_request', '/to must be later than /from.', {
      faults: [{ pointer: '/to', detail: 'must be later than /from' }],
    })
  return {
    id,
    tenant,
    subscriptionId: body.subscriptionId,
    from,
    // Deliveries that the replay itself opens or makes are not replayed again.
    to: Math.min(to, now),
    selection: body.status ?? 'all',
    perSecond: body.perSecond ?? defaultPerSecond,
    state: 'running',
    total: 0,
    opened: 0,
    skipped: 0,
    cursor: null,
    traceparent,
    createdAt: now,
    finishedAt: null,
  }
}
