import type { Attempt, Delivery, Subscription } from '../../api/shapes.ts'
import { durationText } from '../../format/duration.ts'
import { capitalized, counted } from '../../format/text.ts'
import { html } from '../../html.ts'
import { now } from '../../parts/clock.ts'
import { Trace } from '../../parts/trace.ts'
import { LogTime } from '../../parts/when.ts'
import { fullOutcomeText, reasonText, toneOfAttempt } from './delivery-words.ts'

interface AttemptsProps {
  delivery: Delivery
  /** In its current state; undefined if it was deleted or the token may not read it. */
  subscription: Subscription | undefined
}

/** The attempts of a delivery, latest first. The next attempt stands above them, and the acceptance of the event below. */
export const DeliveryAttempts = ({ delivery, subscription }: AttemptsProps) => {
  const { attempts, createdAt, attemptsNotKept = 0 } = delivery
  return html`<ol class="attempts" aria-label="Attempts, latest first">
    <${NextAttempt} delivery=${delivery} subscription=${subscription} />
    ${attempts
      .map(
        (attempt, index) =>
          html`<${PastAttempt} key=${attempt.number} attempt=${attempt} before=${attempts[index - 1]} />`,
      )
      .toReversed()}
    ${
      attemptsNotKept > 0 &&
      html`<li class="attempt quiet">
        <h3>${counted(attemptsNotKept, 'earlier attempt is', 'earlier attempts are')} no longer kept</h3>
      </li>`
    }
    <li class="attempt quiet">
      <div class="attempt-head">
        <h3>Accepted</h3>
        <${LogTime} at=${createdAt} />
      </div>
      <p>Doorbell accepted the event and stored it.</p>
    </li>
  </ol>`
}

const NextAttempt = ({ delivery, subscription }: AttemptsProps) => {
  const { status, nextAttemptAt, attempts } = delivery
  if (status !== 'pending' && status !== 'held') return null
  const number = (attempts.at(-1)?.number ?? 0) + 1
  const isTimed = nextAttemptAt !== undefined && Date.parse(nextAttemptAt) > now.value
  // A delivery that is due but does not start waits because of its subscription’s state.
  const obstacle = subscription?.circuit === 'open' ? 'circuit_open' : subscription?.status
  const reason = reasonText(
    isTimed || obstacle === 'active' || obstacle === undefined ? delivery : { reason: obstacle },
  )
  return html`<li class="attempt busy next">
    <div class="attempt-head">
      <h3>Attempt ${number} is ${isTimed ? 'scheduled' : 'waiting'}</h3>
      ${isTimed && html`<${LogTime} at=${nextAttemptAt} />`}
    </div>
    ${reason !== '' && html`<p>${capitalized(reason)}.</p>`}
  </li>`
}

const PastAttempt = ({ attempt, before }: { attempt: Attempt; before?: Attempt }) => {
  const { number, at, tookMs, detail, response, location, url, traceId, jaegerUrl } = attempt
  const gapMs = before === undefined ? 0 : Date.parse(at) - Date.parse(before.at)
  return html`<li class=${`attempt ${toneOfAttempt(attempt)}`}>
    <div class="attempt-head">
      <h3>Attempt ${number}: <span class="attempt-outcome">${fullOutcomeText(attempt)}</span></h3>
      <${LogTime} at=${at} />
    </div>
    ${detail !== undefined && html`<p>${detail}</p>`}
    <p class="attempt-meta">
      <span>took <b>${durationText(tookMs)}</b></span>
      ${before !== undefined && html`<span>${durationText(gapMs)} after attempt ${before.number}</span>`}
      <span>to <code>${url}</code></span>
      ${location !== undefined && html`<span>redirects to <code>${location}</code></span>`}
      <${Trace} traceId=${traceId} jaegerUrl=${jaegerUrl} what=${`the trace id of attempt ${number}`} />
    </p>
    ${
      response !== undefined &&
      response !== '' &&
      html`<details class="attempt-response">
        <summary>Response of the endpoint</summary>
        <pre tabindex="0" role="region" aria-label=${`Response to attempt ${number}`}><code>${response}</code></pre>
      </details>`
    }
  </li>`
}
