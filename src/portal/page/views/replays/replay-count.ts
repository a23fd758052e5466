import { durationText } from '../../format/duration.ts'
import { counted } from '../../format/text.ts'
import { secondMs } from '../../format/units.ts'
import { html } from '../../html.ts'
import { Notice } from '../../parts/notice.ts'
import { numberOf, type ReplayDraft } from './replay-draft.ts'

/** How many deliveries a replay would send, and how long that would take. */
export const ReplayCount = ({ count, draft: { status, perSecond } }: { count: number; draft: ReplayDraft }) => {
  if (count === 0)
    return html`<${Notice} tone="warn" title="No deliveries in this range">
      <p>Choose a longer range, or other deliveries.</p>
    <//>`
  const tookMs = Math.max(secondMs, (count / numberOf(perSecond)) * secondMs)
  return html`<${Notice}
    tone="ok"
    title=${status === 'missing' ? counted(count, 'event', 'events') : counted(count, 'delivery', 'deliveries')}
  >
    <p>At ${perSecond} per second, sending takes about ${durationText(tookMs)}. Nothing has been sent yet.</p>
  <//>`
}
