import type { SubscriptionEffect } from '../../actors/subscription/protocol.ts'
import type { Log } from '../../observability/log.ts'
import type { DoorbellMetrics } from '../../observability/metrics.ts'
import { attributes as a, spanNames } from '../../observability/names.ts'
import { SpanKind, traced } from '../../observability/traced.ts'
import type { Ledger } from '../ledger/ledger.ts'

type Remember = SubscriptionEffect & { readonly type: 'remember' }

interface Parts {
  readonly ledger: Pick<Ledger, 'health'>
  readonly metrics: Pick<DoorbellMetrics, 'circuitChanged'>
  readonly log: Pick<Log, 'info' | 'warn'>
}

/** Stores how an endpoint behaves. A change of its circuit is also a span, a metric and a log line. */
export const rememberHealth = ({ ledger, metrics, log }: Parts) => {
  const storeTransition = tracedTransition(({ health }) => ledger.health.put(health))
  return async (order: Remember): Promise<void> => {
    const { health, transition } = order
    if (transition === null) return ledger.health.put(health)
    await storeTransition(order)
    metrics.circuitChanged(transition.to)
    const { subscriptionId, circuit } = health
    const until = circuit.until === null ? undefined : new Date(circuit.until).toISOString()
    const fields = { subscriptionId, from: transition.from, to: transition.to, until, reason: transition.reason }
    const remedy = 'ask the endpoint’s owner to check it; events are held and nothing is lost'
    if (transition.to === 'open') log.warn({ ...fields, remedy }, 'circuit opened')
    else log.info(fields, transition.to === 'closed' ? 'circuit closed' : 'circuit half-open')
    return undefined
  }
}

/** Makes the span of a circuit's change in the trace of the delivery that caused it. A span event names the new state. */
const tracedTransition = (store: (order: Remember) => Promise<void>) =>
  traced(
    {
      name: spanNames.circuit,
      kind: SpanKind.INTERNAL,
      place: ({ traceparent }: Remember) =>
        traceparent === null ? null : { parent: traceparent, originTraceId: null },
      attributes: ({ health, transition }) => ({
        [a.subscription]: health.subscriptionId,
        [a.circuitState]: transition?.to ?? health.circuit.phase,
      }),
      event: ({ transition }) =>
        transition === null
          ? null
          : { name: `circuit.${transition.to}`, attributes: { from: transition.from, reason: transition.reason } },
    },
    store,
  )
