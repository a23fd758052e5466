import type { Subscription } from '../../api/shapes.ts'
import { html } from '../../html.ts'
import { CopyButton } from '../../parts/copy-button.ts'
import { durationText } from '../../format/duration.ts'
import { When } from '../../parts/when.ts'
import { isRecommended } from './form/settings-draft.ts'

/** Its settings, to be read. */
export const SubscriptionFacts = ({ subscription }: { subscription: Subscription }) => {
  const { id, eventTypes, filter, retry, timeoutMs, ratePerSecond, maxInFlight, ordering, expiresAfterMs } =
    subscription
  const { payload, headers, auth, propagateTrace, requireVerification, createdAt, updatedAt } = subscription
  const headerNames = Object.keys(headers ?? {})
  return html`<section class="card">
    <h2>Settings</h2>
    <div class="card-body">
      <dl class="facts narrow">
        <dt>Events</dt>
        <dd>
          <span class="chips">${eventTypes.map(type => html`<code class="chip" key=${type}>${type}</code>`)}</span>
        </dd>
        ${
          filter !== undefined &&
          html`<dt>Filter</dt>
            <dd>
              ${Object.entries(filter).map(([field, values]) => html`<div key=${field}><code>${field}</code> is ${values.join(' or ')}</div>`)}
            </dd>`
        }
        <dt>Retries</dt>
        <dd>
          ${retry === undefined ? '' : retryText(retry)}${expiresAfterMs === undefined ? '' : `; expires after ${durationText(expiresAfterMs)}`}
        </dd>
        <dt>Pace</dt>
        <dd>
          ${durationText(timeoutMs ?? 0)} timeout, ${maxInFlight} at
          once${ratePerSecond === undefined ? '' : `, ${ratePerSecond} a second at most`}
        </dd>
        <dt>Order</dt>
        <dd>${ordering === 'visit' ? 'in order for each visit' : 'as fast as possible'}</dd>
        <dt>Payload</dt>
        <dd>${payload === 'thin' ? 'thin: ids alone' : 'full'}</dd>
        ${
          (headerNames.length > 0 || auth !== undefined) &&
          html`<dt>Request</dt>
            <dd>
              ${headerNames.map(name => html`<div key=${name}><code>${name}</code></div>`)}
              ${auth !== undefined && (auth.type === 'bearer' ? 'bearer token' : `user ${auth.username} with password`)}
            </dd>`
        }
        ${
          (propagateTrace === true || requireVerification === true) &&
          html`<dt>Also</dt>
            <dd>
              ${[requireVerification === true && 'verified first', propagateTrace === true && 'gets trace context'].filter(Boolean).join(', ')}
            </dd>`
        }
        <dt>Id</dt>
        <dd>
          <span class="with-copy"><code>${id}</code><${CopyButton} text=${id} what="the id" /></span>
        </dd>
        <dt>Created</dt>
        <dd><${When} at=${createdAt} /></dd>
        <dt>Changed</dt>
        <dd><${When} at=${updatedAt} /></dd>
      </dl>
    </div>
  </section>`
}

const retryText = (retry: NonNullable<Subscription['retry']>): string => {
  if (isRecommended(retry)) return '12 attempts over about three days'
  if ('delaysMs' in retry)
    return retry.delaysMs.length === 0
      ? 'none'
      : `${retry.delaysMs.length + 1} attempts: after ${retry.delaysMs.map(durationText).join(', ')}`
  const { maxAttempts, firstDelayMs, factor, maxDelayMs, giveUpAfterMs } = retry
  return `up to ${maxAttempts} attempts, from ${durationText(firstDelayMs)} growing × ${factor} to ${durationText(maxDelayMs)}, given up after ${durationText(giveUpAfterMs)}`
}
