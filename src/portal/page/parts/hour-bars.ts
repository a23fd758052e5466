import type { SubscriptionStats } from '../api/shapes.ts'
import { percentText } from '../format/text.ts'
import { minuteMs } from '../format/units.ts'
import { html } from '../html.ts'

const minutes = 60
const height = 32
const barWidth = 2
const step = 3

/** The attempts of the last hour, one bar per minute with the failed ones at the bottom. Without attempts it is a line. */
export const HourBars = ({ stats, to }: { stats: SubscriptionStats | undefined; to: string }) => {
  const end = Math.floor(Date.parse(to) / minuteMs) * minuteMs
  const buckets = stats?.buckets ?? []
  const most = Math.max(1, ...buckets.map(({ attempts }) => attempts))
  const bars = buckets.flatMap(({ at, attempts, failed }) => {
    const index = minutes - 1 - Math.round((end - Date.parse(at)) / minuteMs)
    if (index < 0 || index >= minutes) return []
    const full = Math.max(2, (attempts / most) * (height - 2))
    const bad = failed === 0 ? 0 : Math.max(2, (failed / attempts) * full)
    return [{ x: index * step, full, bad }]
  })
  return html`<svg
    class="hour-bars"
    viewBox=${`0 0 ${minutes * step} ${height}`}
    preserveAspectRatio="none"
    role="img"
    aria-label=${hourText(stats)}
  >
    <line x1="0" x2=${minutes * step} y1=${height - 0.5} y2=${height - 0.5} />
    ${bars.map(
      ({ x, full, bad }) => html`
        <rect class="good" x=${x} y=${height - full} width=${barWidth} height=${full - bad} rx="0.75" />
        ${bad > 0 && html`<rect class="failed" x=${x} y=${height - bad} width=${barWidth} height=${bad} rx="0.75" />`}
      `,
    )}
  </svg>`
}

/** "Last hour: 523 attempts, 99.4 % succeeded". */
export const hourText = (stats: SubscriptionStats | undefined): string =>
  stats === undefined || stats.attempts === 0
    ? 'Last hour: nothing was sent'
    : `Last hour: ${stats.attempts} attempts, ${percentText(stats.successRate)} succeeded`
