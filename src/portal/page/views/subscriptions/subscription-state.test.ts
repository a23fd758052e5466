import test from 'ava'
import type { Subscription } from '../../api/shapes.ts'
import { stateOf, titleOf } from './subscription-state.ts'

const healthy = { status: 'active', circuit: 'closed' } as Subscription

test('the state names what keeps events from being delivered', t => {
  const cases: readonly [Partial<Subscription>, string][] = [
    [{}, 'Active'],
    [{ failingSince: '2026-03-02T09:00:00Z' }, 'Failing'],
    [{ circuit: 'open', failingSince: '2026-03-02T09:00:00Z' }, 'Circuit open'],
    [{ circuit: 'half-open' }, 'Trying again'],
    [{ status: 'paused', circuit: 'open' }, 'Paused'],
    [{ status: 'paused', requireVerification: true }, 'Unverified'],
    [
      { status: 'paused', requireVerification: true, verification: { state: 'verified', at: '', detail: '' } },
      'Paused',
    ],
    [{ status: 'disabled', circuit: 'open' }, 'Disabled'],
  ]
  for (const [change, word] of cases) t.is(stateOf({ ...healthy, ...change }).word, word, JSON.stringify(change))
})

test('a subscription without a description is named by its address', t => {
  t.is(titleOf({ url: 'https://example.com/hook' }), 'example.com/hook')
  t.is(titleOf({ url: 'https://example.com/hook', description: 'Turnstile' }), 'Turnstile')
})
