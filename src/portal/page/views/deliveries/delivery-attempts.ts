import type { Attempt, Delivery, Subscription } from '../../api/shapes.ts'
import { html } from '../../html.ts'
import { now } from '../../parts/clock.ts'
import { CopyButton } from '../../parts/copy-button.ts'
import { durationText } from '../../format/duration.ts'
import { Icon } from '../../parts/icon.ts'
import { shortTime, When } from '../../parts/when.ts'
import { fullOutcomeText, reasonText, toneOfAttempt } from './delivery-words.ts'

interface AttemptsProps {
  delivery: Delivery
  /** As it is now; undefined when it was deleted or may not be seen. */
  subscription: Subscription | undefined
}

/** What was tried, the last first, below what comes next; it ends where the event came in. */
export const DeliveryAttempts = ({ delivery, subscription }: AttemptsProps) => {
  const { attempts, createdAt } = delivery
  return html`<ol class="attempts" aria-label="Attempts, the last first">
    <${Next} delivery=${delivery} subscription=${subscription} />
    ${attempts
      .map(
        (attempt, index) => html`<${Tried} key=${attempt.number} attempt=${attempt} before=${attempts[index - 1]} />`,
      )
      .toReversed()}
    <li class="attempt quiet">
      <div class="attempt-head">
        <h3>Accepted</h3>
        <${Clock} at=${createdAt} />
      </div>
      <p>Doorbell took the event and had it on disk.</p>
    </li>
  </ol>`
}

/** Relative and by the clock. */
const Clock = ({ at }: { at: string }) =>
  html`<span class="attempt-at"><${When} at=${at} /> <span class="clock">${shortTime(Date.parse(at))}</span></span>`

const Next = ({ delivery, subscription }: AttemptsProps) => {
  const { status, nextAttemptAt, attempts } = delivery
  if (status !== 'pending' && status !== 'held') return null
  const number = (attempts.at(-1)?.number ?? 0) + 1
  const isTimed = nextAttemptAt !== undefined && Date.parse(nextAttemptAt) > now.value
  // What is due and does not go: the subscription says why.
  const held = subscription?.circuit === 'open' ? 'circuit_open' : subscription?.status
  const reason = reasonText(isTimed || held === 'active' || held === undefined ? delivery : { reason: held })
  return html`<li class="attempt busy next">
    <div class="attempt-head">
      <h3>Attempt ${number} ${isTimed ? 'is due' : 'waits'}</h3>
      ${isTimed && html`<${Clock} at=${nextAttemptAt} />`}
    </div>
    ${reason !== '' && html`<p>${reason.charAt(0).toUpperCase()}${reason.slice(1)}.</p>`}
  </li>`
}

const Tried = ({ attempt, before }: { attempt: Attempt; before?: Attempt }) => {
  const { number, at, tookMs, detail, response, url } = attempt
  const gapMs = before === undefined ? 0 : Date.parse(at) - Date.parse(before.at)
  return html`<li class=${`attempt ${toneOfAttempt(attempt)}`}>
    <div class="attempt-head">
      <h3>Attempt ${number}: <span class="attempt-outcome">${fullOutcomeText(attempt)}</span></h3>
      <${Clock} at=${at} />
    </div>
    ${detail !== undefined && html`<p>${detail}</p>`}
    <p class="attempt-meta">
      <span>took <b>${durationText(tookMs)}</b></span>
      ${before !== undefined && html`<span>${durationText(gapMs)} after attempt ${before.number}</span>`}
      <span>to <code>${url}</code></span>
      <${Trace} of=${attempt} what=${`the trace id of attempt ${number}`} />
    </p>
    ${
      response !== undefined &&
      response !== '' &&
      html`<details class="attempt-answer">
        <summary>The endpoint’s answer</summary>
        <pre tabindex="0" role="region" aria-label=${`Answer to attempt ${number}`}><code>${response}</code></pre>
      </details>`
    }
  </li>`
}

/** Where Jaeger is known, a link to it; else the id, for whoever has one. */
export const Trace = ({ of, what }: { of: Pick<Attempt, 'traceId' | 'jaegerUrl'>; what: string }) => {
  if (of.jaegerUrl !== undefined)
    return html`<a class="trace" href=${of.jaegerUrl} target="_blank" rel="noopener"
      >Trace<${Icon} name="external"
    /></a>`
  // Zeros: nothing is traced here.
  if (/^0*$/.test(of.traceId)) return null
  return html`<span class="trace">
    trace <code>${of.traceId.slice(0, 8)}…</code><${CopyButton} text=${of.traceId} what=${what} />
  </span>`
}
