import type { Delivery } from '../../api/shapes.ts'
import { inLocalTime } from '../../format/time.ts'
import { html } from '../../html.ts'
import { now } from '../../parts/clock.ts'
import { StateBox } from '../../parts/state-box.ts'
import { DeliveryBadge, type Tone } from '../../parts/status-badge.ts'
import { When } from '../../parts/when.ts'
import { goneText } from './delivery-words.ts'

interface StandingProps {
  delivery: Delivery
  /** The API’s explanation of the status; undefined until it has been read. */
  explanation: string | undefined
}

const tones: Readonly<Record<string, Tone>> = { dead: 'bad', held: 'warn' }

/** The status of a delivery and the reason for it, in plain words. */
export const DeliveryStanding = ({ delivery, explanation = '' }: StandingProps) => {
  const { status, nextAttemptAt } = delivery
  const gone = goneText(delivery)
  const isTimed = nextAttemptAt !== undefined && Date.parse(nextAttemptAt) > now.value
  return html`<${StateBox}
    tone=${tones[status] ?? 'quiet'}
    label="Status"
    isAnnounced
    line=${html`
      <${DeliveryBadge} status=${status} />
      ${isTimed && html`<span>next attempt <${When} at=${nextAttemptAt} both /></span>`}
    `}
  >
    ${explanation !== '' && html`<p>${inLocalTime(explanation)}</p>`}
    ${gone !== '' && html`<p class="quiet">${gone}</p>`}
  <//>`
}
