import type { HoldReason } from '../../src/domain/delivery.ts'
import type { EpochMs } from '../../src/domain/time.ts'
import type { SubscriptionState } from './state.ts'

/** Whether anything may be posted at all. A shut gate has a reason, and an end if it is known. */
export type Gate =
  | { readonly open: true; readonly probe: boolean }
  | { readonly open: false; readonly reason: HoldReason; readonly until: EpochMs | null }

type GateState = Pick<SubscriptionState, 'subscription' | 'circuit' | 'notBefore' | 'ownFaults'>

/** Returns the strongest reason: the customer's decision, then the circuit, then the receiver's Retry-After, then a fault of our own. */
export const gateOf = ({ subscription, circuit, notBefore, ownFaults }: GateState, now: EpochMs): Gate => {
  if (subscription.status === 'paused') return { open: false, reason: 'paused', until: null }
  if (subscription.status === 'disabled') return { open: false, reason: 'disabled', until: null }
  if (circuit.phase === 'open') return { open: false, reason: 'circuit_open', until: circuit.until }
  if (now < notBefore) return { open: false, reason: 'retry_after', until: notBefore }
  if (now < ownFaults.until) return { open: false, reason: 'own_fault', until: ownFaults.until }
  return { open: true, probe: circuit.phase === 'half-open' }
}
