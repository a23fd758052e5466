import test from 'ava'
import { aSubscription } from '../../test/support/supervised-values.ts'
import { closedCircuit } from './circuit.ts'
import { gateOf } from './gate.ts'
import { noOwnFaults } from './own-faults.ts'

const open = { phase: 'open', since: 0, until: 5_000, times: 1, reason: '' } as const
const half = { phase: 'half-open', since: 0, times: 1, reason: '', successes: 0, closesAt: 600_000 } as const

for (const [title, status, circuit, notBefore, gate] of [
  ['nothing is wrong', 'active', closedCircuit(0), 1_000, { open: true, probe: false }],
  ['it is paused', 'paused', open, 9_000, { open: false, reason: 'paused', until: null }],
  ['it is disabled', 'disabled', open, 9_000, { open: false, reason: 'disabled', until: null }],
  ['its circuit is open', 'active', open, 9_000, { open: false, reason: 'circuit_open', until: 5_000 }],
  ['a Retry-After lasts', 'active', closedCircuit(0), 1_001, { open: false, reason: 'retry_after', until: 1_001 }],
  ['a Retry-After lasts for a probe', 'active', half, 9_000, { open: false, reason: 'retry_after', until: 9_000 }],
  ['its circuit is half-open', 'active', half, 0, { open: true, probe: true }],
] as const)
  test(`whether a subscription is posted to when ${title}`, t => {
    const state = { subscription: aSubscription({ status }), circuit, notBefore, ownFaults: noOwnFaults }
    t.deepEqual(gateOf(state, 1_000), gate)
  })

test('after a fault of our own nothing is posted until its pause is over; what the receiver asked for comes first', t => {
  const subscription = aSubscription()
  const ownFaults = { inARow: 1, until: 2_000 }
  const state = { subscription, circuit: closedCircuit(0), notBefore: 0, ownFaults }
  t.deepEqual(gateOf(state, 1_999), { open: false, reason: 'own_fault', until: 2_000 })
  t.deepEqual(gateOf(state, 2_000), { open: true, probe: false })
  t.like(gateOf({ ...state, notBefore: 1_500 }, 1_000), { reason: 'retry_after' })
})
