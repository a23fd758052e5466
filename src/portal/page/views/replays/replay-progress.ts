import type { Replay } from '../../api/shapes.ts'
import { html } from '../../html.ts'
import { Card } from '../../parts/card.ts'
import { now } from '../../parts/clock.ts'
import { Figure, Figures } from '../../parts/figures.ts'
import { StatusBadge } from '../../parts/status-badge.ts'
import { replayState } from './replay-words.ts'

/** The progress of a replay: a bar and the figures of its outcomes. */
export const ReplayProgress = ({ replay }: { replay: Replay }) => {
  const { total, opened, skipped, delivered = 0, waiting = 0, dead = 0, cancelled = 0 } = replay
  const { tone, word } = replayState(replay, now.value)
  const parts = [
    { name: 'delivered', count: delivered, tone: 'ok' },
    { name: 'waiting', count: waiting, tone: 'busy' },
    { name: 'dead', count: dead, tone: 'bad' },
    { name: 'cancelled', count: cancelled, tone: 'quiet' },
    { name: 'skipped', count: skipped, tone: 'quiet' },
  ] as const
  return html`<${Card} label="Progress">
    <div class="replay-state" role="status">
      <${StatusBadge} tone=${tone}>${word}<//>
      <span class="quiet small">${opened.toLocaleString('en')} of ${total.toLocaleString('en')} opened</span>
    </div>
    <${Bar} parts=${parts} total=${total} settled=${delivered + dead + cancelled + skipped} />
    <${Figures}>
      ${parts
        .filter(({ name, count }) => count > 0 || name === 'delivered' || name === 'waiting')
        .map(
          part =>
            html`<${Figure} key=${part.name} name=${part.name} isBad=${part.count > 0 && part.tone === 'bad'}>
              ${part.count.toLocaleString('en')}
            <//>`,
        )}
    <//>
    ${
      skipped > 0 &&
      html`<p class="hint">Skipped deliveries cannot be sent again, because their content is no longer kept.</p>`
    }
  <//>`
}

interface BarProps {
  parts: readonly { readonly name: string; readonly count: number; readonly tone: string }[]
  total: number
  /** How many deliveries have their final outcome. */
  settled: number
}

const width = 1_000

const Bar = ({ parts, total, settled }: BarProps) => {
  const scale = width / Math.max(total, 1)
  return html`<div
    class="progress"
    role="progressbar"
    aria-label="Settled"
    aria-valuemin="0"
    aria-valuemax=${Math.max(total, 1)}
    aria-valuenow=${Math.min(settled, total)}
  >
    <svg viewBox=${`0 0 ${width} 8`} preserveAspectRatio="none" aria-hidden="true" focusable="false">
      ${parts.map(({ name, count, tone }, index) => {
        const before = parts.slice(0, index).reduce((sum, part) => sum + part.count, 0)
        return html`<rect key=${name} class=${tone} x=${before * scale} width=${count * scale} height="8" />`
      })}
    </svg>
  </div>`
}
