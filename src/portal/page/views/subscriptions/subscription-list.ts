import { get, ofTenant } from '../../api/client.ts'
import type { Stats, Subscription } from '../../api/shapes.ts'
import { counted } from '../../format/text.ts'
import { useLoad } from '../../hooks/use-load.ts'
import { html } from '../../html.ts'
import { EmptyState } from '../../parts/empty-state.ts'
import { Icon } from '../../parts/icon.ts'
import { Loaded } from '../../parts/loaded.ts'
import { PageFrame } from '../../parts/page-frame.ts'
import { linkTo } from '../../router.ts'
import { may } from '../../session/session-state.ts'
import { SubscriptionRow } from './subscription-row.ts'
import { stateOf } from './subscription-state.ts'
import { listSubscriptions } from './use-subscriptions.ts'

const refreshMs = 10_000

interface Shown {
  readonly items: readonly Subscription[]
  /** Null if the token may not read deliveries. */
  readonly stats: Stats | null
}

/** All subscriptions of the tenant with their state and their last hour. */
export const SubscriptionList = () => {
  const load = useLoad<Shown>(
    async signal => {
      const [items, stats] = await Promise.all([
        listSubscriptions(signal),
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
    lead=${hasSome && load.data !== null ? summaryOf(load.data.items) : 'Where your events go, and how each endpoint is doing.'}
    actions=${hasSome && create}
  >
    <${Loaded} of=${load} lines=${8}>
      ${({ items, stats }: Shown) =>
        items.length === 0
          ? html`<${EmptyState} title="No subscriptions yet" actions=${create}>
              A subscription sends the events that you choose to an address of yours. Doorbell signs each event, retries
              it while your endpoint is down, and keeps it in the delivery log.
            <//>`
          : html`<ul class="rows">
              ${items.map(one => html`<${SubscriptionRow} key=${one.id} subscription=${one} stats=${stats} />`)}
            </ul>`}
    <//>
  <//>`
}

/** "5 endpoints · 2 need attention · 43 deliveries waiting". */
const summaryOf = (items: readonly Subscription[]): string => {
  const troubled = items.filter(one => ['bad', 'warn'].includes(stateOf(one).tone)).length
  const waiting = items.reduce((sum, { pending = 0, held = 0 }) => sum + pending + held, 0)
  return [
    counted(items.length, 'endpoint', 'endpoints'),
    troubled === 0 ? 'all healthy' : `${troubled} ${troubled === 1 ? 'needs' : 'need'} attention`,
    waiting === 0 ? 'nothing waiting' : counted(waiting, 'delivery waiting', 'deliveries waiting'),
  ].join(' · ')
}
