import type { Subscription } from '../../api/shapes.ts'
import { html } from '../../html.ts'
import { StateBox } from '../../parts/state-box.ts'
import { StatusBadge } from '../../parts/status-badge.ts'
import { When } from '../../parts/when.ts'
import { stateOf } from './subscription-state.ts'

/** The state of a subscription in plain words: why, since when, what happens next, and how much is waiting. */
export const SubscriptionStanding = ({ subscription }: { subscription: Subscription }) => {
  const { kind, tone, word, why } = stateOf(subscription)
  const { nextProbeAt, pending = 0, held = 0, oldestPendingAt } = subscription
  const since = sinceOf(subscription)
  return html`<${StateBox}
    tone=${tone}
    label="State"
    line=${html`
      <${StatusBadge} tone=${tone}>${word}<//>
      ${since !== undefined && html`<span class="quiet small">since <${When} at=${since} both /></span>`}
    `}
  >
    <p>
      ${kind === 'active' ? 'Events are delivered as they come in.' : why}
      ${kind === 'open' && ' While the circuit is open, events are held and use up no attempts.'}
      ${kind === 'open' && nextProbeAt !== undefined && html` <b>Next probe <${When} at=${nextProbeAt} /></b>, with the delivery that has been due longest.`}
      ${(kind === 'paused' || kind === 'disabled') && ' Its events are held until you resume it, or until the retention of their content ends.'}
    </p>
    <p class="quiet small">
      ${pending + held === 0 ? 'Nothing is waiting.' : `${pending.toLocaleString('en')} pending, ${held.toLocaleString('en')} held`}
      ${oldestPendingAt != null && html`, the oldest from <${When} at=${oldestPendingAt} />.`}
    </p>
  <//>`
}

const sinceOf = (subscription: Subscription): string | undefined => {
  const { statusSince, circuitSince, failingSince } = subscription
  return {
    paused: statusSince,
    disabled: statusSince,
    unverified: statusSince,
    open: circuitSince,
    'half-open': circuitSince,
    failing: failingSince,
    active: undefined,
  }[stateOf(subscription).kind]
}
