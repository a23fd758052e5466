import { ofTenant } from '../../api/client.ts'
import type { Replay, Subscription } from '../../api/shapes.ts'
import { html } from '../../html.ts'
import { now } from '../../parts/clock.ts'
import { EmptyState } from '../../parts/empty-state.ts'
import { Icon } from '../../parts/icon.ts'
import { PageFrame } from '../../parts/page-frame.ts'
import { Paged } from '../../parts/paged.ts'
import { StatusBadge } from '../../parts/status-badge.ts'
import { usePages } from '../../hooks/use-pages.ts'
import { shortTime, When } from '../../parts/when.ts'
import { linkTo } from '../../router.ts'
import { may } from '../../session/session-state.ts'
import { replayState, selectionText } from './replay-words.ts'
import { nameOf, useSubscriptions } from '../subscriptions/use-subscriptions.ts'

/** What was sent again by the range, and what is being sent. */
export const ReplayList = () => {
  const pages = usePages<Replay>(ofTenant('/replays'))
  const subscriptions = useSubscriptions()
  const create =
    may('deliveries:write') &&
    html`<a class="button primary" href=${linkTo('/replays/new')}><${Icon} name="replays" />New replay</a>`
  return html`<${PageFrame}
    title="Replays"
    lead="A range of deliveries, sent again: after an outage, or to a subscription that came late."
    actions=${pages.items !== null && pages.items.length > 0 && create}
  >
    <${Paged}
      of=${pages}
      empty=${html`<${EmptyState} title="Nothing was replayed yet" actions=${create}>
        Choose a subscription and a range of time, see how many deliveries that is, and have them sent at a pace that
        the endpoint can take.
      <//>`}
    >
      ${(items: readonly Replay[]) => html`<${Table} items=${items} subscriptions=${subscriptions} />`}
    <//>
  <//>`
}

interface TableProps {
  items: readonly Replay[]
  subscriptions: ReadonlyMap<string, Subscription> | null
}

const Table = ({ items, subscriptions }: TableProps) =>
  html`<div class="table-wrap" tabindex="0" role="region" aria-label="Replays">
    <table>
      <thead>
        <tr>
          <th scope="col">State</th>
          <th scope="col">Subscription</th>
          <th scope="col">What</th>
          <th scope="col" class="number">Opened</th>
          <th scope="col">Asked for</th>
        </tr>
      </thead>
      <tbody>
        ${items.map(replay => {
          const { tone, word } = replayState(replay, now.value)
          const { id, subscriptionId, status, from, to, opened, total, createdAt } = replay
          return html`<tr key=${id}>
            <td><${StatusBadge} tone=${tone}>${word}<//></td>
            <td><a href=${linkTo(`/replays/${id}`)}>${nameOf(subscriptions, subscriptionId)}</a></td>
            <td>
              ${selectionText(status)}
              <div class="quiet small">${shortTime(Date.parse(from))} – ${shortTime(Date.parse(to))}</div>
            </td>
            <td class="number">${opened.toLocaleString('en')} of ${total.toLocaleString('en')}</td>
            <td class="quiet"><${When} at=${createdAt} /></td>
          </tr>`
        })}
      </tbody>
    </table>
  </div>`
