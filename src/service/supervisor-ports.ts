import { createHash } from 'node:crypto'
import { createAttempt } from '../../actors/attempt/attempt.ts'
import type { AttemptOrder, AttemptResult } from '../../actors/attempt/protocol.ts'
import { systemClock } from '../../actors/kit/clock.ts'
import type { Patience } from '../../actors/kit/patiently.ts'
import type { SubscriptionEffect } from '../../actors/subscription/protocol.ts'
import type { SupervisorsPorts } from '../../actors/subscription/supervisors.ts'
import { currentTrace } from '../../observability/traced.ts'
import type { Delivery } from '../domain/delivery.ts'
import type { Announcement } from '../domain/operational.ts'
import { matches } from '../domain/subscription.ts'
import { isAway, tracedAttempt, tracedPost, tracedRecord, tracedTransition } from './traced-ports.ts'
import { userAgent } from '../../config/version.ts'
import { disable } from '../jobs/disable.ts'
import type { WorkerParts } from './worker-parts.ts'

/** What is done when NATS or MongoDB is away: wait, say so, burn nothing. */
export const patienceOf = ({ log }: Pick<WorkerParts, 'log'>): Patience => ({
  passes: isAway,
  onWait: (error, delayMs) =>
    log.warn(
      { err: error, delayMs, remedy: 'see the error; the work waits and burns no attempt' },
      'waiting for a server',
    ),
})

/** The world as supervisors see it. */
export const supervisorPorts = (parts: WorkerParts): Omit<SupervisorsPorts, 'changes$'> => {
  const { ledger, directory, log } = parts
  const now = () => Date.now()
  return {
    attempt: tracedAttempt(loggedAttempt(parts)),
    record: tracedRecord(record(parts)),
    due: async (subscriptionId, limit) => {
      const at = now()
      const rows = await ledger.deliveries.due(subscriptionId, at, limit)
      return { rows, nextDueAt: rows.length < limit ? await ledger.deliveries.nextDueAt(subscriptionId, at) : at }
    },
    nextInTurn: ledger.turns.next,
    turns: ledger.turns.of,
    stored: async ({ id, ordering }) => ({
      health: await ledger.health.get(id),
      turns: ordering === 'visit' ? await ledger.turns.of(id) : null,
    }),
    remember: remember(parts),
    announce: announce(parts),
    disable: disable(parts),
    patience: patienceOf(parts),
    now,
    byId: directory.byId,
    cancelAll: async id => {
      await ledger.deliveries.cancelAll(id, 'subscription_deleted', now())
      await ledger.health.forget(id)
    },
    clock: systemClock,
    onFault: (subscriptionId, fault, directive) =>
      log.error(
        { err: fault, subscriptionId, directive, remedy: 'a defect: report it with this line' },
        'a supervisor met a fault',
      ),
  }
}

/** Each attempt ends in one line with every field. */
export const loggedAttempt = ({
  keyRing,
  standardSignature,
  extraHeaders,
  egress,
  ending,
  log,
  metrics,
  activity,
}: Omit<WorkerParts, 'reader' | 'settings'>) => {
  const attempt = createAttempt({
    sign: keyRing.sign,
    standardSignature,
    extraHeaders,
    post: tracedPost(egress.post),
    onSigningFault: error =>
      log.error(
        { err: error, remedy: 'check DOORBELL_ENCRYPTION_KEY; the delivery waits and burns no attempt' },
        'a delivery could not be signed',
      ),
    trace: () => currentTrace() ?? { traceId: '', spanId: '', traceparent: '' },
    now: () => Date.now(),
    userAgent,
    ending,
  })
  return async (order: AttemptOrder): Promise<AttemptResult> => {
    const result = await attempt(order)
    const { delivery, number, receiverHealthy } = order
    const { tookMs, status, error, detail } = result.attempt
    metrics.attempted(delivery, result.attempt, receiverHealthy)
    const { id, subscriptionId, tenant, eventId, visitId, type } = delivery
    const ids = { deliveryId: id, tenant, subscriptionId, eventId, visitId, type }
    const fields = { ...ids, attempt: number, tookMs, status, error }
    const good = status !== undefined && status >= 200 && status < 300
    if (error !== 'own_fault') activity.attempted(delivery, good, tookMs)
    if (good) log.debug(fields, 'attempt delivered')
    else log.info({ ...fields, remedy: detail ?? 'see the endpoint’s answer in the delivery' }, 'attempt failed')
    return result
  }
}

const record =
  ({ ledger, metrics }: WorkerParts) =>
  async (row: Delivery, stored: boolean): Promise<Delivery> => {
    const written = stored ? await ledger.deliveries.update(row) : await ledger.deliveries.insert(row)
    metrics.settled(written, Date.now() - row.createdAt)
    return written
  }

/** A circuit's change is a row, a span, a metric and a line. */
const remember = ({ ledger, metrics, log }: WorkerParts) => {
  const tell = tracedTransition(async order => {
    await ledger.health.put(order.health)
  })
  return async (order: SubscriptionEffect & { type: 'remember' }): Promise<void> => {
    const { health, transition } = order
    if (transition === null) return ledger.health.put(health)
    await tell(order)
    metrics.circuitChanged(transition.to)
    const { subscriptionId, circuit } = health
    const until = circuit.until === null ? undefined : new Date(circuit.until).toISOString()
    const fields = { subscriptionId, from: transition.from, to: transition.to, until, reason: transition.reason }
    if (transition.to === 'open')
      log.warn(
        { ...fields, remedy: 'the endpoint’s owner must look; events are held and nothing is lost' },
        'circuit opened',
      )
    else log.info(fields, transition.to === 'closed' ? 'circuit closed' : 'circuit half-open')
    return undefined
  }
}

/** Published like any event of the tenant, if somebody listens; the id is made of the key, so that a repeated one is a duplicate. */
const announce =
  ({ directory, publish, log }: WorkerParts) =>
  async ({ type, tenant, subscriptionId, key, at, data }: Announcement): Promise<void> => {
    log.info({ tenant, subscriptionId, type }, 'told the tenant')
    const event = {
      id: `op_${createHash('sha256').update(key).digest('hex').slice(0, 40)}`,
      type,
      timestamp: new Date(at).toISOString(),
      tenant,
      visitId: typeof data['visitId'] === 'string' ? data['visitId'] : subscriptionId,
      data,
    }
    if (!directory.ofTenant(tenant).some(subscription => matches(subscription, event))) return
    await publish(event)
  }
