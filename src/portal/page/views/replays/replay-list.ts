import { ofTenant } from '../../api/client.ts'
import type { Replay } from '../../api/shapes.ts'
import { shortTime } from '../../format/time.ts'
import { usePages } from '../../hooks/use-pages.ts'
import { html } from '../../html.ts'
import { now } from '../../parts/clock.ts'
import { EmptyState } from '../../parts/empty-state.ts'
import { Icon } from '../../parts/icon.ts'
import { PageFrame } from '../../parts/page-frame.ts'
import { Paged } from '../../parts/paged.ts'
import { StatusBadge } from '../../parts/status-badge.ts'
import { type Column, Table } from '../../parts/table.ts'
import { When } from '../../parts/when.ts'
import { linkTo } from '../../router.ts'
import { may } from '../../session/session-state.ts'
import { nameOf, useSubscriptions } from '../subscriptions/use-subscriptions.ts'
import { replayState, selectionText } from './replay-words.ts'

const columns: readonly Column[] = [
  { text: 'State' },
  { text: 'Subscription' },
  { text: 'Deliveries' },
  { text: 'Opened', isNumber: true },
  { text: 'Started' },
]

/** All replays, newest first. */
export const ReplayList = () => {
  const pages = usePages<Replay>(ofTenant('/replays'))
  const subscriptions = useSubscriptions()
  const create =
    may('deliveries:write') &&
    html`<a class="button primary" href=${linkTo('/replays/new')}><${Icon} name="replays" />New replay</a>`
  return html`<${PageFrame}
    title="Replays"
    lead="A replay sends a range of deliveries again, e.g. after an outage, or to a new subscription."
    actions=${pages.items !== null && pages.items.length > 0 && create}
  >
    <${Paged}
      of=${pages}
      empty=${html`<${EmptyState} title="No replays yet" actions=${create}>
        Choose a subscription and a range of time, see how many deliveries that is, and send them at a pace that the
        endpoint can handle.
      <//>`}
    >
      ${(items: readonly Replay[]) =>
        html`<${Table} label="Replays" columns=${columns}>
          ${items.map(
            replay =>
              html`<${ReplayRow}
                key=${replay.id}
                replay=${replay}
                name=${nameOf(subscriptions, replay.subscriptionId)}
              />`,
          )}
        <//>`}
    <//>
  <//>`
}

const ReplayRow = ({ replay, name }: { replay: Replay; name: string }) => {
  const { tone, word } = replayState(replay, now.value)
  const { id, status, from, to, opened, total, createdAt } = replay
  return html`<tr>
    <td><${StatusBadge} tone=${tone}>${word}<//></td>
    <td><a href=${linkTo(`/replays/${id}`)}>${name}</a></td>
    <td>
      ${selectionText(status)}
      <div class="quiet small">${shortTime(Date.parse(from))} – ${shortTime(Date.parse(to))}</div>
    </td>
    <td class="number">${opened.toLocaleString('en')} of ${total.toLocaleString('en')}</td>
    <td class="quiet"><${When} at=${createdAt} /></td>
  </tr>`
}
