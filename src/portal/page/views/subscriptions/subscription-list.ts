import { get, ofTenant } from '../../api/client.ts'
import type { Page, Stats, Subscription, SubscriptionStats } from '../../api/shapes.ts'
import { html } from '../../html.ts'
import { durationText } from '../../format/duration.ts'
import { EmptyState } from '../../parts/empty-state.ts'
import { HourBars, percentText } from '../../parts/hour-bars.ts'
import { Icon } from '../../parts/icon.ts'
import { Loaded } from '../../parts/loaded.ts'
import { PageFrame } from '../../parts/page-frame.ts'
import { StatusBadge } from '../../parts/status-badge.ts'
import { useLoad } from '../../hooks/use-load.ts'
import { When } from '../../parts/when.ts'
import { linkTo } from '../../router.ts'
import { may } from '../../session/session-state.ts'
import { stateOf, titleOf } from './subscription-state.ts'

const refreshMs = 10_000
/** A tenant has at most 50, so one page has them all. */
const limit = 200

interface Shown {
  readonly items: readonly Subscription[]
  /** Null where the token may not read deliveries. */
  readonly stats: Stats | null
}

/** Every endpoint of the tenant, how it is, and how its last hour was. */
export const SubscriptionList = () => {
  const load = useLoad<Shown>(
    async signal => {
      const [{ items }, stats] = await Promise.all([
        get<Page<Subscription>>(ofTenant('/subscriptions'), { query: { limit }, signal }),
        may('deliveries:read') ? get<Stats>(ofTenant('/stats'), { signal }) : null,
      ])
      return { items, stats }
    },
    [],
    { refreshMs },
  )
  const create =
    may('subscriptions:write') &&
    html`<a class="button primary" href=${linkTo('/subscriptions/new')}><${Icon} name="plus" />New subscription</a>`
  const hasSome = load.data !== null && load.data.items.length > 0
  return html`<${PageFrame}
    title="Subscriptions"
    lead=${hasSome && load.data !== null ? summaryOf(load.data.items) : 'Where your events go, and how each endpoint is.'}
    actions=${hasSome && create}
  >
    <${Loaded} of=${load} lines=${8}>
      ${({ items, stats }: Shown) =>
        items.length === 0
          ? html`<${EmptyState} title="No endpoint hears of your visitors yet" actions=${create}>
              A subscription says which events go to which address. Each event is signed, retried while your endpoint is
              in trouble, and kept in the delivery log.
            <//>`
          : html`<ul class="subscriptions">
              ${items.map(
                one => html`<${Row} key=${one.id} subscription=${one} stats=${statsOf(stats, one)} to=${stats?.to} />`,
              )}
            </ul>`}
    <//>
  <//>`
}

const statsOf = (stats: Stats | null, { id }: Subscription): SubscriptionStats | undefined =>
  stats?.items.find(({ subscriptionId }) => subscriptionId === id)

/** "5 endpoints. 2 need a look. 43 deliveries wait." */
const summaryOf = (items: readonly Subscription[]): string => {
  const troubled = items.filter(one => ['bad', 'warn'].includes(stateOf(one).tone)).length
  const waiting = items.reduce((sum, { pending = 0, held = 0 }) => sum + pending + held, 0)
  return [
    counted(items.length, 'endpoint', 'endpoints'),
    troubled === 0 ? 'all well' : `${troubled} ${troubled === 1 ? 'needs' : 'need'} a look`,
    waiting === 0 ? 'nothing waits' : counted(waiting, 'delivery waits', 'deliveries wait'),
  ].join(' · ')
}

const counted = (count: number, one: string, many: string): string =>
  `${count.toLocaleString('en')} ${count === 1 ? one : many}`

const Row = ({ subscription, stats, to }: { subscription: Subscription; stats?: SubscriptionStats; to?: string }) => {
  const { id, url, description, eventTypes } = subscription
  const state = stateOf(subscription)
  return html`<li class="subscription">
    <div class="subscription-name">
      <a href=${linkTo(`/subscriptions/${id}`)}>${titleOf(subscription)}</a>
      ${description !== undefined && description !== '' && html`<code>${url}</code>`}
      ${(state.tone === 'bad' || state.tone === 'warn') && html`<span class="subscription-why">${state.why}</span>`}
      <span class="chips">${eventTypes.map(type => html`<code class="chip" key=${type}>${type}</code>`)}</span>
    </div>
    <div class="subscription-state">
      <${StatusBadge} tone=${state.tone}>${state.word}<//>
      <${Note} subscription=${subscription} />
    </div>
    ${
      to === undefined
        ? html`<div class="subscription-hour"></div>`
        : html`<div class="subscription-hour">
            <${HourBars} stats=${stats} to=${to} />
            <span class="subscription-figures">
              ${
                stats === undefined || stats.attempts === 0
                  ? 'nothing sent in the last hour'
                  : html`<b>${percentText(stats.successRate)}</b> succeeded
                      ${stats.p95Ms !== null && html` · p95 <b>${durationText(stats.p95Ms)}</b>`}`
              }
            </span>
          </div>`
    }
    <${Waiting} subscription=${subscription} />
  </li>`
}

/** The second line of the state: until when, or since when. */
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

const Waiting = ({ subscription: { pending = 0, held = 0, oldestPendingAt } }: { subscription: Subscription }) =>
  html`<div class="subscription-waiting">
    ${
      pending + held === 0
        ? html`<span class="quiet">nothing waits</span>`
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
