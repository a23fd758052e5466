import { useEffect, useState } from 'preact/hooks'
import { call, get, ofTenant } from '../../api/client.ts'
import type { Replay } from '../../api/shapes.ts'
import { durationText } from '../../format/duration.ts'
import { absoluteTime } from '../../format/time.ts'
import { useAction } from '../../hooks/use-action.ts'
import { useLoad } from '../../hooks/use-load.ts'
import { html } from '../../html.ts'
import { Card } from '../../parts/card.ts'
import { Confirmation } from '../../parts/confirmation.ts'
import { Fact, Facts } from '../../parts/facts.ts'
import { Loaded } from '../../parts/loaded.ts'
import { PageFrame } from '../../parts/page-frame.ts'
import { toast } from '../../parts/toast.ts'
import { When } from '../../parts/when.ts'
import { linkTo, type ViewProps } from '../../router.ts'
import { may } from '../../session/session-state.ts'
import { linkToDeliveries } from '../deliveries/delivery-query.ts'
import { nameOf, useSubscriptions } from '../subscriptions/use-subscriptions.ts'
import { ReplayProgress } from './replay-progress.ts'
import { selectionText } from './replay-words.ts'

const refreshMs = 1_000

/** One replay: its progress, and the outcome of its deliveries. It stays up to date until it is over. */
export const ReplayView = ({ params: { id = '' } }: ViewProps) => {
  const [isOver, setOver] = useState(false)
  const load = useLoad(
    signal => get<Replay>(ofTenant(`/replays/${encodeURIComponent(id)}`), { signal }),
    [id],
    isOver ? {} : { refreshMs },
  )
  const subscriptions = useSubscriptions()
  const replay = load.data
  useEffect(() => {
    if (replay !== null) setOver(replay.state !== 'running' && (replay.waiting ?? 0) === 0)
  }, [replay])
  return html`<${PageFrame}
    title=${replay === null ? 'Replay' : `Replay of ${selectionText(replay.status)}`}
    lead=${replay !== null && html`to <a href=${linkTo(`/subscriptions/${replay.subscriptionId}`)}>${nameOf(subscriptions, replay.subscriptionId)}</a>`}
    back=${{ href: linkTo('/replays'), label: 'Replays' }}
    actions=${replay !== null && canCancel(replay) && may('deliveries:write') && html`<${Cancellation} id=${id} onDone=${load.reload} />`}
  >
    <${Loaded} of=${load} lines=${6}
      >${(read: Replay) => html`<${ReplayProgress} replay=${read} /><${ReplayFacts} replay=${read} />`}<//
    >
  <//>`
}

const canCancel = ({ state, waiting = 0 }: Replay): boolean => state === 'running' || (state === 'done' && waiting > 0)

const ReplayFacts = ({ replay }: { replay: Replay }) => {
  const { id, subscriptionId, from, to, perSecond, createdAt, finishedAt } = replay
  return html`<${Card} label="About this replay">
    <${Facts}>
      <${Fact} term="Range">
        ${absoluteTime(Date.parse(from))} – ${absoluteTime(Date.parse(to))}
        <div>
          <a class="small" href=${linkToDeliveries({ subscriptionId, from, to })}>Deliveries in this range</a>
        </div>
      <//>
      <${Fact} term="Pace">at most ${perSecond.toLocaleString('en')} per second<//>
      <${Fact} term="Started"><${When} at=${createdAt} both /><//>
      ${
        finishedAt !== undefined &&
        html`<${Fact} term="Last one opened">
          <${When} at=${finishedAt} both />, after ${durationText(Date.parse(finishedAt) - Date.parse(createdAt))}
        <//>`
      }
      <${Fact} term="Id"><code>${id}</code><//>
    <//>
  <//>`
}

const Cancellation = ({ id, onDone }: { id: string; onDone: () => void }) => {
  const [isAsking, setAsking] = useState(false)
  const cancelling = useAction(async () => {
    await call(ofTenant(`/replays/${encodeURIComponent(id)}`), { method: 'DELETE' })
    setAsking(false)
    onDone()
    toast('Replay cancelled.')
  })
  return html`<button type="button" class="button danger" onClick=${() => setAsking(true)}>Cancel replay</button> ${
      isAsking &&
      html`<${Confirmation}
        title="Cancel this replay?"
        action=${cancelling}
        isDangerous
        confirmLabel="Stop sending"
        busyLabel="Cancelling…"
        cancelLabel="Let it run"
        onConfirm=${() => cancelling.run()}
        onClose=${() => setAsking(false)}
      >
        <p>What was already sent stays sent. Deliveries that are still waiting return to their previous status.</p>
      <//>`
    }`
}
