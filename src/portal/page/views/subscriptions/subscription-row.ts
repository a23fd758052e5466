import type { Stats, Subscription } from '../../api/shapes.ts'
import { durationText } from '../../format/duration.ts'
import { percentText } from '../../format/text.ts'
import { html } from '../../html.ts'
import { Chips } from '../../parts/chips.ts'
import { HourBars } from '../../parts/hour-bars.ts'
import { StatusBadge } from '../../parts/status-badge.ts'
import { When } from '../../parts/when.ts'
import { linkTo } from '../../router.ts'
import { stateOf, titleOf } from './subscription-state.ts'

/** A subscription in the list: its name, its state, its last hour, and its backlog. `stats` is null if the token may not read deliveries. */
export const SubscriptionRow = ({ subscription, stats }: { subscription: Subscription; stats: Stats | null }) => {
  const { id, url, description, eventTypes } = subscription
  const { tone, word, why } = stateOf(subscription)
  return html`<li class="row linked subscription">
    <div class="subscription-name">
      <a class="row-link" href=${linkTo(`/subscriptions/${id}`)}>${titleOf(subscription)}</a>
      ${description !== undefined && description !== '' && html`<code>${url}</code>`}
      ${(tone === 'bad' || tone === 'warn') && html`<span class="subscription-why">${why}</span>`}
      <${Chips} texts=${eventTypes} />
    </div>
    <div class="subscription-state">
      <${StatusBadge} tone=${tone}>${word}<//>
      <${Note} subscription=${subscription} />
    </div>
    <div class="subscription-hour">${stats !== null && html`<${LastHour} id=${id} stats=${stats} />`}</div>
    <${Backlog} subscription=${subscription} />
  </li>`
}

const LastHour = ({ id, stats: { items, to } }: { id: string; stats: Stats }) => {
  const own = items.find(({ subscriptionId }) => subscriptionId === id)
  return html`<${HourBars} stats=${own} to=${to} />
    <span class="subscription-figures">
      ${
        own === undefined || own.attempts === 0
          ? 'nothing sent in the last hour'
          : html`<b>${percentText(own.successRate)}</b> succeeded
              ${own.p95Ms !== null && html` · p95 <b>${durationText(own.p95Ms)}</b>`}`
      }
    </span>`
}

/** The second line of the state: the time of the next probe, or since when the state holds. */
const Note = ({ subscription }: { subscription: Subscription }) => {
  const { nextProbeAt, statusSince, failingSince } = subscription
  const { kind } = stateOf(subscription)
  if (kind === 'open' && nextProbeAt !== undefined)
    return html`<span class="subscription-note">next probe <${When} at=${nextProbeAt} /></span>`
  if (kind === 'failing' && failingSince !== undefined)
    return html`<span class="subscription-note">since <${When} at=${failingSince} /></span>`
  if ((kind === 'paused' || kind === 'disabled' || kind === 'unverified') && statusSince !== undefined)
    return html`<span class="subscription-note"><${When} at=${statusSince} /></span>`
  return null
}

const Backlog = ({ subscription: { pending = 0, held = 0, oldestPendingAt } }: { subscription: Subscription }) =>
  html`<div class="subscription-backlog">
    ${
      pending + held === 0
        ? html`<span class="quiet">nothing waiting</span>`
        : html`<span>
              ${pending > 0 && html`<b>${pending.toLocaleString('en')}</b> pending`}${pending > 0 && held > 0 && ', '}
              ${held > 0 && html`<b>${held.toLocaleString('en')}</b> held`}
            </span>
            ${
              oldestPendingAt != null &&
              html`<span class="subscription-note">oldest <${When} at=${oldestPendingAt} /></span>`
            }`
    }
  </div>`
