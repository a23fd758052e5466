import { useState } from 'preact/hooks'
import { get, ofTenant } from '../../api/client.ts'
import type { Stats } from '../../api/shapes.ts'
import { durationText } from '../../format/duration.ts'
import { percentText } from '../../format/text.ts'
import { minuteMs } from '../../format/units.ts'
import { useLoad } from '../../hooks/use-load.ts'
import { html } from '../../html.ts'
import { Card } from '../../parts/card.ts'
import { Figure, Figures } from '../../parts/figures.ts'
import { hourText } from '../../parts/hour-bars.ts'
import { Loaded } from '../../parts/loaded.ts'
import { Plot } from '../../parts/plot.ts'

const refreshMs = 10_000
const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' })

/** The attempts of the last hour, and how long they took. */
export const SubscriptionHour = ({ id }: { id: string }) => {
  const load = useLoad(signal => get<Stats>(ofTenant('/stats'), { query: { subscriptionId: id }, signal }), [id], {
    refreshMs,
  })
  return html`<${Card} title="Last hour">
    <${Loaded} of=${load} lines=${5}>${(stats: Stats) => html`<${Hour} stats=${stats} />`}<//>
  <//>`
}

const Hour = ({ stats: { items, to } }: { stats: Stats }) => {
  const [pointed, point] = useState<number | null>(null)
  const own = items[0]
  if (own === undefined || own.attempts === 0)
    return html`<p class="quiet">Nothing was sent in the last hour. New attempts appear here minute by minute.</p>`
  const end = Math.floor(Date.parse(to) / minuteMs) * minuteMs
  const minutes = Array.from({ length: 60 }, (_, index) => end - (59 - index) * minuteMs)
  const byMinute = new Map(own.buckets.map(bucket => [Date.parse(bucket.at), bucket]))
  const buckets = minutes.map(at => byMinute.get(at))
  const moments = minutes.map(at => at / 1_000)
  const shown = pointed === null ? own : buckets[pointed]
  const at = pointed === null ? null : minutes[pointed]
  return html`
    <${Figures}>
      <${Figure} name="Succeeded">${percentText(shown?.successRate ?? null)}<//>
      <${Figure} name="Attempts">${(shown?.attempts ?? 0).toLocaleString('en')}<//>
      <${Figure} name="Failed">${(shown?.failed ?? 0).toLocaleString('en')}<//>
      <${Figure} name="Median">${tookText(shown?.p50Ms)}<//>
      <${Figure} name="p95">${tookText(shown?.p95Ms)}<//>
      <div class="figures-at quiet">
        <dt class="visually-hidden">Time</dt>
        <dd>${at == null ? 'whole hour' : `at ${clock.format(at)}`}</dd>
      </div>
    <//>
    <figure class="plotted">
      <figcaption>
        Attempts per minute <${Key} color="ok" label="succeeded" /><${Key} color="bad" label="failed" />
      </figcaption>
      <${Plot}
        label=${`Attempts per minute. ${hourText(own)}, ${own.failed} failed.`}
        moments=${moments}
        onPoint=${point}
        formatValue=${(value: number) => (Number.isInteger(value) ? String(value) : '')}
        series=${[
          { color: '--plot-ok', kind: 'bars', values: buckets.map(bucket => bucket?.attempts ?? 0) },
          { color: '--bad', kind: 'bars', values: buckets.map(bucket => bucket?.failed ?? 0) },
        ]}
      />
    </figure>
    <figure class="plotted">
      <figcaption>Duration <${Key} color="busy" label="p95" /><${Key} color="quiet" label="median" /></figcaption>
      <${Plot}
        label=${`Duration of attempts per minute. Over the hour the median was ${tookText(own.p50Ms)} and the 95th percentile ${tookText(own.p95Ms)}.`}
        moments=${moments}
        onPoint=${point}
        formatValue=${durationText}
        series=${[
          { color: '--busy', kind: 'line', values: buckets.map(bucket => bucket?.p95Ms ?? null) },
          { color: '--ink-3', kind: 'line', values: buckets.map(bucket => bucket?.p50Ms ?? null) },
        ]}
      />
    </figure>
  `
}

const tookText = (ms: number | null | undefined): string => (ms == null ? '–' : durationText(ms))

const Key = ({ color, label }: { color: string; label: string }) =>
  html`<span class=${`plot-key ${color}`}><span></span>${label}</span>`
