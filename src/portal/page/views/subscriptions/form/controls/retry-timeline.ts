import { useEffect, useState } from 'preact/hooks'
import { call } from '../../../../api/client.ts'
import { type Problem, problemFrom } from '../../../../api/problem.ts'
import type { RetryPreview } from '../../../../api/shapes.ts'
import { durationText } from '../../../../format/duration.ts'
import { absoluteTime } from '../../../../format/time.ts'
import { dayMs, hourMs, minuteMs, secondMs } from '../../../../format/units.ts'
import { html } from '../../../../html.ts'
import { Skeleton } from '../../../../parts/skeleton.ts'
import type { Settings } from '../model/setting.ts'

/** The preview is requested when the person pauses typing. */
const pauseMs = 250

type Shown = { readonly preview: RetryPreview } | { readonly problem: Problem } | null

/** A preview of a retry policy: the earliest and the latest time of each attempt, as the service computes them. */
export const RetryTimeline = ({ retry }: { retry: NonNullable<Settings['retry']> }) => {
  const [shown, setShown] = useState<Shown>(null)
  const wanted = JSON.stringify(retry)
  useEffect(() => {
    const controller = new AbortController()
    const timer = setTimeout(() => {
      void call<RetryPreview>('/v1/retry-preview', { method: 'POST', body: { retry }, signal: controller.signal })
        .then(({ body }): Shown => ({ preview: body }))
        .catch((error: unknown): Shown => ({ problem: problemFrom(error) }))
        .then(next => controller.signal.aborted || setShown(next))
    }, pauseMs)
    return () => {
      clearTimeout(timer)
      controller.abort()
    }
  }, [wanted])
  if (shown === null) return html`<${Skeleton} lines=${3} />`
  // A wrong value is reported at its field when the form is saved.
  if ('problem' in shown) return html`<p class="hint">No preview: ${shown.problem.detail}</p>`
  return html`<${Timeline} ...${shown} />`
}

/** One attempt: its number, and its earliest and latest time, in milliseconds after the event and as RFC 3339. */
interface Span {
  readonly number: number
  readonly from: number
  readonly to: number
  readonly earliest: string
  readonly latest: string
}

const Timeline = ({ preview: { attempts } }: { preview: RetryPreview }) => {
  // By the server's clock: the first attempt is made at once.
  const askedAt = Date.parse(attempts[0]?.earliest ?? '')
  const spans = attempts.map(({ number, earliest, latest }): Span => ({
    number,
    from: Math.max(0, Date.parse(earliest) - askedAt),
    to: Math.max(0, Date.parse(latest) - askedAt),
    earliest,
    latest,
  }))
  const last = spans.at(-1)
  if (last === undefined) return null
  return html`<figure class="timeline">
    <figcaption>
      ${attempts.length === 1 ? '1 attempt, no retries.' : html`<b>${attempts.length} attempts</b>, if each fails at once. The last one is ${durationText(last.from)} to ${durationText(last.to)} after the event.`}
    </figcaption>
    <${Axis} spans=${spans} longestMs=${last.to} />
    <details>
      <summary>In clock times, for an event that comes in now</summary>
      <${ClockTimes} spans=${spans} />
    </details>
  </figure>`
}

const Axis = ({ spans, longestMs }: { spans: readonly Span[]; longestMs: number }) => {
  const place = scale(Math.max(longestMs, secondMs))
  return html`<div class="timeline-axis" aria-hidden="true">
    ${ticks
      .filter(({ ms }) => ms < longestMs * 1.1)
      .map(
        ({ ms, label }) =>
          html`<span class="tick" key=${label} style=${{ left: `${place(ms)}%` }}><span>${label}</span></span>`,
      )}
    ${spans.map(
      ({ number, from, to }) =>
        html`<span
          class="span"
          key=${number}
          style=${{ left: `min(${place(from)}%, 100% - 7px)`, width: `max(7px, ${place(to) - place(from)}%)` }}
        ></span>`,
    )}
  </div>`
}

const ClockTimes = ({ spans }: { spans: readonly Span[] }) =>
  html`<table>
    <thead>
      <tr>
        <th scope="col">Attempt</th>
        <th scope="col">After</th>
        <th scope="col">Between</th>
      </tr>
    </thead>
    <tbody>
      ${spans.map(({ number, from, to, earliest, latest }) => {
        const first = absoluteTime(Date.parse(earliest))
        return html`<tr key=${number}>
          <td>${number}</td>
          <td>${number === 1 ? 'at once' : `${durationText(from)} to ${durationText(to)}`}</td>
          <td>${number === 1 ? first : `${first} – ${absoluteTime(Date.parse(latest))}`}</td>
        </tr>`
      })}
    </tbody>
  </table>`

const ticks = [
  { ms: secondMs, label: '1 s' },
  { ms: 10 * secondMs, label: '10 s' },
  { ms: minuteMs, label: '1 min' },
  { ms: 10 * minuteMs, label: '10 min' },
  { ms: hourMs, label: '1 h' },
  { ms: 6 * hourMs, label: '6 h' },
  { ms: dayMs, label: '1 d' },
  { ms: 3 * dayMs, label: '3 d' },
  { ms: 7 * dayMs, label: '7 d' },
]

/** The place of a time on the axis, in per cent. It is logarithmic, so that seconds and days fit on one line. */
const scale =
  (longestMs: number) =>
  (ms: number): number =>
    (Math.log10(1 + ms / 250) / Math.log10(1 + longestMs / 250)) * 100
