import { useEffect, useState } from 'preact/hooks'
import { call, get, ofTenant } from '../../api/client.ts'
import type { Replay } from '../../api/shapes.ts'
import { html } from '../../html.ts'
import { now } from '../../parts/clock.ts'
import { Dialog } from '../../parts/dialog.ts'
import { durationText } from '../../format/duration.ts'
import { Loaded } from '../../parts/loaded.ts'
import { PageFrame } from '../../parts/page-frame.ts'
import { ProblemNotice } from '../../parts/problem-notice.ts'
import { StatusBadge } from '../../parts/status-badge.ts'
import { toast } from '../../parts/toast.ts'
import { useAction } from '../../hooks/use-action.ts'
import { useLoad } from '../../hooks/use-load.ts'
import { absoluteTime, When } from '../../parts/when.ts'
import { linkTo } from '../../router.ts'
import { may } from '../../session/session-state.ts'
import { linkToDeliveries } from '../deliveries/delivery-query.ts'
import { replayState, selectionText } from './replay-words.ts'
import { nameOf, useSubscriptions } from '../subscriptions/use-subscriptions.ts'

const refreshMs = 1_000

/** How far a replay is, and what came of what it sent. */
export const ReplayView = ({ params: { id = '' } }: { params: Readonly<Record<string, string>> }) => {
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
    actions=${replay !== null && canCancel(replay) && may('deliveries:write') && html`<${Cancellation} replay=${replay} onDone=${load.reload} />`}
  >
    <${Loaded} of=${load} lines=${6}
      >${(read: Replay) => html`<${Progress} replay=${read} /><${Facts} replay=${read} />`}<//
    >
  <//>`
}

const canCancel = ({ state, waiting = 0 }: Replay): boolean => state === 'running' || (state === 'done' && waiting > 0)

const Progress = ({ replay }: { replay: Replay }) => {
  const { total, opened, skipped, delivered = 0, waiting = 0, dead = 0, cancelled = 0 } = replay
  const { tone, word } = replayState(replay, now.value)
  const settled = delivered + dead + cancelled + skipped
  const parts = [
    ['delivered', delivered, 'ok'],
    ['waiting', waiting, 'busy'],
    ['dead', dead, 'bad'],
    ['cancelled', cancelled, 'quiet'],
    ['skipped', skipped, 'quiet'],
  ] as const
  return html`<section class="card" aria-label="Progress">
    <div class="card-body">
      <div class="replay-state" role="status">
        <${StatusBadge} tone=${tone}>${word}<//>
        <span class="quiet small">${opened.toLocaleString('en')} of ${total.toLocaleString('en')} opened</span>
      </div>
      <div
        class="progress"
        role="progressbar"
        aria-label="Settled"
        aria-valuemin="0"
        aria-valuemax=${Math.max(total, 1)}
        aria-valuenow=${Math.min(settled, total)}
      >
        <svg viewBox="0 0 1000 8" preserveAspectRatio="none" aria-hidden="true" focusable="false">
          ${parts.map(([name, count, colour], index) => {
            const before = parts.slice(0, index).reduce((sum, [, each]) => sum + each, 0)
            return html`<rect
              key=${name}
              class=${colour}
              x=${(before / Math.max(total, 1)) * 1_000}
              width=${(count / Math.max(total, 1)) * 1_000}
              height="8"
            />`
          })}
        </svg>
      </div>
      <dl class="figures">
        ${parts
          .filter(([name, count]) => count > 0 || name === 'delivered' || name === 'waiting')
          .map(
            ([name, count, colour]) =>
              html`<div key=${name}>
                <dt>${name}</dt>
                <dd class=${count > 0 && colour === 'bad' ? 'figure bad' : 'figure'}>${count.toLocaleString('en')}</dd>
              </div>`,
          )}
      </dl>
      ${
        skipped > 0 && html`<p class="hint">Skipped: their content is no longer kept, so they cannot be sent again.</p>`
      }
    </div>
  </section>`
}

const Facts = ({ replay }: { replay: Replay }) => {
  const { id, subscriptionId, from, to, perSecond, createdAt, finishedAt } = replay
  return html`<section class="card" aria-label="About it">
    <div class="card-body">
      <dl class="facts">
        <dt>Range</dt>
        <dd>
          ${absoluteTime(Date.parse(from))} – ${absoluteTime(Date.parse(to))}
          <div><a class="small" href=${linkToDeliveries({ subscriptionId, from, to })}>Its deliveries</a></div>
        </dd>
        <dt>Pace</dt>
        <dd>at most ${perSecond.toLocaleString('en')} a second</dd>
        <dt>Asked for</dt>
        <dd><${When} at=${createdAt} both /></dd>
        ${
          finishedAt !== undefined &&
          html`<dt>Last one opened</dt>
            <dd>
              <${When} at=${finishedAt} both />, after ${durationText(Date.parse(finishedAt) - Date.parse(createdAt))}
            </dd>`
        }
        <dt>Id</dt>
        <dd><code>${id}</code></dd>
      </dl>
    </div>
  </section>`
}

const Cancellation = ({ replay: { id }, onDone }: { replay: Replay; onDone: () => void }) => {
  const [isAsking, setAsking] = useState(false)
  const cancelling = useAction(async () => {
    await call(ofTenant(`/replays/${id}`), { method: 'DELETE' })
    setAsking(false)
    onDone()
    toast('The replay is cancelled.')
  })
  return html`<button type="button" class="button danger" onClick=${() => setAsking(true)}>Cancel replay</button> ${
      isAsking &&
      html`<${Dialog}
        title="Cancel this replay?"
        onClose=${() => setAsking(false)}
        onSubmit=${() => cancelling.run()}
        actions=${html`
          <button type="button" class="button" onClick=${() => setAsking(false)}>Let it run</button>
          <button type="submit" class="button danger primary" disabled=${cancelling.isBusy}>
            ${cancelling.isBusy ? 'Cancelling…' : 'Cancel it'}
          </button>
        `}
      >
        <p>What it has sent stays sent. What it opened and has not sent goes back to what it was.</p>
        ${cancelling.problem && html`<${ProblemNotice} problem=${cancelling.problem} />`}
      <//>`
    }`
}
