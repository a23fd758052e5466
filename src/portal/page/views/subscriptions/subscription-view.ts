import { useState } from 'preact/hooks'
import { type Answer, call, ofTenant } from '../../api/client.ts'
import type { Subscription } from '../../api/shapes.ts'
import { html } from '../../html.ts'
import { CopyButton } from '../../parts/copy-button.ts'
import { Dialog } from '../../parts/dialog.ts'
import { Icon } from '../../parts/icon.ts'
import { Loaded } from '../../parts/loaded.ts'
import { PageFrame } from '../../parts/page-frame.ts'
import { ProblemNotice } from '../../parts/problem-notice.ts'
import { StatusBadge } from '../../parts/status-badge.ts'
import { toast } from '../../parts/toast.ts'
import { useAction } from '../../hooks/use-action.ts'
import { type Load, useLoad } from '../../hooks/use-load.ts'
import { When } from '../../parts/when.ts'
import { goTo, linkTo } from '../../router.ts'
import { may } from '../../session/session-state.ts'
import { SubscriptionChecks } from './subscription-checks.ts'
import { SubscriptionFacts } from './subscription-facts.ts'
import { SubscriptionHour } from './subscription-hour.ts'
import { SubscriptionLive } from './subscription-live.ts'
import { stateOf, titleOf } from './subscription-state.ts'

const refreshMs = 5_000

type Read = Answer<Subscription>

/** One endpoint: how it is and why, how its last hour was, and everything that can be done about it. */
export const SubscriptionView = ({ params: { id = '' } }: { params: Readonly<Record<string, string>> }) => {
  const load = useLoad<Read>(signal => call(ofTenant(`/subscriptions/${encodeURIComponent(id)}`), { signal }), [id], {
    refreshMs,
  })
  const subscription = load.data?.body
  return html`<${PageFrame}
    title=${subscription === undefined ? 'Subscription' : titleOf(subscription)}
    lead=${subscription && html`<span class="with-copy"><code>${subscription.url}</code><${CopyButton} text=${subscription.url} what="the address" /></span>`}
    back=${{ href: linkTo('/subscriptions'), label: 'Subscriptions' }}
    actions=${subscription && may('subscriptions:write') && html`<${Actions} subscription=${subscription} load=${load} />`}
  >
    <${Loaded} of=${load} lines=${8}>
      ${({ body }: Read) => html`
        <${State} subscription=${body} />
        <div class="columns">
          <div class="column">
            ${may('deliveries:read') && html`<${SubscriptionHour} id=${id} />`}
            <${SubscriptionLive} subscription=${body} />
          </div>
          <div class="column">
            <${SubscriptionChecks} subscription=${body} onChange=${load.reload} />
            <${SubscriptionFacts} subscription=${body} />
            ${may('subscriptions:write') && html`<${Deletion} read=${load.data} />`}
          </div>
        </div>
      `}
    <//>
  <//>`
}

/** In plain words, with what comes next. */
const State = ({ subscription }: { subscription: Subscription }) => {
  const { kind, tone, word, why } = stateOf(subscription)
  const { nextProbeAt, statusSince, circuitSince, failingSince, pending = 0, held = 0, oldestPendingAt } = subscription
  const since = {
    paused: statusSince,
    disabled: statusSince,
    unverified: statusSince,
    open: circuitSince,
    'half-open': circuitSince,
    failing: failingSince,
    active: undefined,
  }[kind]
  return html`<section class=${`state ${tone}`} aria-label="State">
    <div class="state-line">
      <${StatusBadge} tone=${tone}>${word}<//>
      ${since !== undefined && html`<span class="quiet small">since <${When} at=${since} both /></span>`}
    </div>
    <p>
      ${kind === 'active' ? 'Events are delivered as they come.' : why}
      ${kind === 'open' && html` Its events are held meanwhile, and no attempt is lost.`}
      ${kind === 'open' && nextProbeAt !== undefined && html` <b>Next probe <${When} at=${nextProbeAt} /></b>, with the oldest event that waits.`}
      ${(kind === 'paused' || kind === 'disabled') && ' Its events are held until it is resumed.'}
    </p>
    <p class="quiet small">
      ${pending + held === 0 ? 'Nothing waits.' : `${pending.toLocaleString('en')} pending, ${held.toLocaleString('en')} held`}
      ${oldestPendingAt != null && html`, the oldest from <${When} at=${oldestPendingAt} />.`}
    </p>
  </section>`
}

const Actions = ({ subscription, load }: { subscription: Subscription; load: Load<Read> }) => {
  const { id, status } = subscription
  const [asks, setAsks] = useState<'nothing' | 'resume'>('nothing')
  const path = ofTenant(`/subscriptions/${id}`)
  const pausing = useAction(async () => {
    load.put(await call<Subscription>(`${path}/pause`, { method: 'POST', body: {} }))
    toast('Paused. Its events are held.')
    load.reload()
  })
  const { kind } = stateOf(subscription)
  return html`
    <a class="button" href=${linkTo(`/subscriptions/${id}/edit`)}><${Icon} name="edit" />Edit</a>
    ${
      status === 'active' &&
      html`<button type="button" class="button" disabled=${pausing.isBusy} onClick=${() => pausing.run()}>
        <${Icon} name="pause" />Pause
      </button>`
    }
    ${
      (kind === 'paused' || kind === 'disabled') &&
      html`<button type="button" class="button primary" onClick=${() => setAsks('resume')}>
        <${Icon} name="play" />Resume
      </button>`
    }
    ${pausing.problem !== null && html`<${ProblemNotice} problem=${pausing.problem} />`}
    ${asks === 'resume' && html`<${Resuming} subscription=${subscription} load=${load} onClose=${() => setAsks('nothing')} />`}
  `
}

interface ResumingProps {
  subscription: Subscription
  load: Load<Read>
  onClose: () => void
}

/** With or without what was missed. */
const Resuming = ({ subscription: { id, held = 0 }, load, onClose }: ResumingProps) => {
  const [catchUp, setCatchUp] = useState(true)
  const resuming = useAction(async () => {
    const answer = await call<Subscription>(ofTenant(`/subscriptions/${id}/resume`), {
      method: 'POST',
      body: { catchUp },
    })
    const { skipped = 0 } = answer.body
    load.put(answer)
    toast(
      skipped === 0
        ? 'Resumed.'
        : `Resumed. ${skipped} held ${skipped === 1 ? 'delivery was' : 'deliveries were'} cancelled.`,
    )
    onClose()
    load.reload()
  })
  return html`<${Dialog}
    title="Resume deliveries"
    onClose=${onClose}
    onSubmit=${() => resuming.run()}
    actions=${html`
      <button type="button" class="button ghost" onClick=${onClose}>Cancel</button>
      <button type="submit" class="button primary" disabled=${resuming.isBusy}>Resume</button>
    `}
  >
    <p>
      ${held === 0 ? 'Nothing was missed meanwhile.' : held === 1 ? 'One event is held.' : `${held.toLocaleString('en')} events are held.`}
    </p>
    <fieldset class="choice">
      <legend>What was missed</legend>
      <label class=${catchUp ? 'chosen' : ''}>
        <input type="radio" name="catchUp" checked=${catchUp} onChange=${() => setCatchUp(true)} />
        <span><b>Deliver it too</b><span class="hint">The oldest first, and not all at once</span></span>
      </label>
      <label class=${catchUp ? '' : 'chosen'}>
        <input type="radio" name="catchUp" checked=${!catchUp} onChange=${() => setCatchUp(false)} />
        <span><b>Leave it out</b><span class="hint">It is cancelled, and stays in the log</span></span>
      </label>
    </fieldset>
    ${resuming.problem !== null && html`<${ProblemNotice} problem=${resuming.problem} />`}
  <//>`
}

const Deletion = ({ read }: { read: Read | null }) => {
  const [isAsked, ask] = useState(false)
  const deleting = useAction(async () => {
    if (read === null) return
    await call(ofTenant(`/subscriptions/${read.body.id}`), { method: 'DELETE', ifMatch: read.etag ?? undefined })
    toast(`Deleted: ${titleOf(read.body)}.`)
    goTo('/subscriptions')
  })
  const waiting = (read?.body.pending ?? 0) + (read?.body.held ?? 0)
  return html`<div class="deletion">
    <button type="button" class="button ghost danger" onClick=${() => ask(true)}>
      <${Icon} name="trash" />Delete subscription
    </button>
    ${
      isAsked &&
      read !== null &&
      html`<${Dialog}
        title="Delete this subscription?"
        onClose=${() => ask(false)}
        onSubmit=${() => deleting.run()}
        actions=${html`
          <button type="button" class="button ghost" onClick=${() => ask(false)}>Keep it</button>
          <button type="submit" class="button primary danger" disabled=${deleting.isBusy}>Delete</button>
        `}
      >
        <p>
          <b>${titleOf(read.body)}</b> hears of nothing any more.
          ${waiting > 0 && ` ${waiting === 1 ? 'One delivery that waits is' : `${waiting.toLocaleString('en')} deliveries that wait are`} cancelled.`}
          What was delivered stays in the log. This cannot be undone.
        </p>
        ${deleting.problem !== null && html`<${ProblemNotice} problem=${deleting.problem} />`}
      <//>`
    }
  </div>`
}
