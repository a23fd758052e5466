import { useState } from 'preact/hooks'
import { get, ofTenant } from '../../api/client.ts'
import type { Stats } from '../../api/shapes.ts'
import { html } from '../../html.ts'
import { durationText } from '../../format/duration.ts'
import { hourText, percentText } from '../../parts/hour-bars.ts'
import { Loaded } from '../../parts/loaded.ts'
import { Plot } from '../../parts/plot.ts'
import { useLoad } from '../../hooks/use-load.ts'

const refreshMs = 10_000
const minuteMs = 60_000
const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' })

/** How the last hour was: attempts with the failed ones, and how long they took. */
export const SubscriptionHour = ({ id }: { id: string }) => {
  const load = useLoad(signal => get<Stats>(ofTenant('/stats'), { query: { subscriptionId: id }, signal }), [id], {
    refreshMs,
  })
  return html`<section class="card">
    <h2>Last hour</h2>
    <div class="card-body">
      <${Loaded} of=${load} lines=${5}>${(stats: Stats) => html`<${Hour} stats=${stats} />`}<//>
    </div>
  </section>`
}

const Hour = ({ stats: { items, to } }: { stats: Stats }) => {
  const [pointed, point] = useState<number | null>(null)
  const own = items[0]
  if (own === undefined || own.attempts === 0)
    return html`<p class="quiet">
      Nothing was sent in the last hour. Attempts show here as they are made, minute by minute.
    </p>`
  const end = Math.floor(Date.parse(to) / minuteMs) * minuteMs
  const minutes = Array.from({ length: 60 }, (_, index) => end - (59 - index) * minuteMs)
  const byMinute = new Map(own.buckets.map(bucket => [Date.parse(bucket.at), bucket]))
  const buckets = minutes.map(at => byMinute.get(at))
  const moments = minutes.map(at => at / 1_000)
  const shown = pointed === null ? own : buckets[pointed]
  const at = pointed === null ? null : minutes[pointed]
  return html`
    <dl class="figures">
      ${figure('Succeeded', percentText(shown?.successRate ?? null))}
      ${figure('Attempts', (shown?.attempts ?? 0).toLocaleString('en'))}
      ${figure('Failed', (shown?.failed ?? 0).toLocaleString('en'))}
      ${figure('Half within', shown?.p50Ms == null ? '–' : durationText(shown.p50Ms))}
      ${figure('95 % within', shown?.p95Ms == null ? '–' : durationText(shown.p95Ms))}
      <div class="figures-at quiet">
        <dt class="visually-hidden">Time</dt>
        <dd>${at == null ? 'whole hour' : `at ${clock.format(at)}`}</dd>
      </div>
    </dl>
    <figure class="plotted">
      <figcaption>
        Attempts a minute <${Key} color="ok" label="succeeded" /><${Key} color="bad" label="failed" />
      </figcaption>
      <${Plot}
        label=${`Attempts by minute. ${hourText(own)}, ${own.failed} failed.`}
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
      <figcaption>
        How long they took <${Key} color="busy" label="95 % within" /><${Key} color="quiet" label="half within" />
      </figcaption>
      <${Plot}
        label=${`Duration of attempts by minute. Over the hour half took at most ${durationText(own.p50Ms ?? 0)}, 95 % at most ${durationText(own.p95Ms ?? 0)}.`}
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

const figure = (term: string, value: string) =>
  html`<div>
    <dt>${term}</dt>
    <dd>${value}</dd>
  </div>`

const Key = ({ color, label }: { color: string; label: string }) =>
  html`<span class=${`plot-key ${color}`}><span></span>${label}</span>`
