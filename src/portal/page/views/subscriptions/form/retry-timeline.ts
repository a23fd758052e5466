import { useEffect, useState } from 'preact/hooks'
import { call } from '../../../api/client.ts'
import { type Problem, problemFrom } from '../../../api/problem.ts'
import type { RetryPreview } from '../../../api/shapes.ts'
import { html } from '../../../html.ts'
import { durationText } from '../../../format/duration.ts'
import { Skeleton } from '../../../parts/loaded.ts'
import { absoluteTime } from '../../../parts/when.ts'
import type { Settings } from './settings-draft.ts'

/** Somebody types: ask when they pause. */
const pauseMs = 250

type Shown = { readonly preview: RetryPreview; readonly askedAt: number } | { readonly problem: Problem } | null

/** What a retry policy means: each attempt between its earliest and its latest moment, as the service reckons it. */
export const RetryTimeline = ({ retry }: { retry: NonNullable<Settings['retry']> }) => {
  const [shown, setShown] = useState<Shown>(null)
  const asked = JSON.stringify(retry)
  useEffect(() => {
    const controller = new AbortController()
    const timer = setTimeout(() => {
      const askedAt = Date.now()
      void call<RetryPreview>('/v1/retry-preview', { method: 'POST', body: { retry }, signal: controller.signal })
        .then(({ body }): Shown => ({ preview: body, askedAt }))
        .catch((error: unknown): Shown => ({ problem: problemFrom(error) }))
        .then(next => controller.signal.aborted || setShown(next))
    }, pauseMs)
    return () => {
      clearTimeout(timer)
      controller.abort()
    }
  }, [asked])
  if (shown === null) return html`<${Skeleton} lines=${3} />`
  // What is wrong with it is said at its field, when it is saved.
  if ('problem' in shown) return html`<p class="hint timeline-none">No preview: ${shown.problem.detail}</p>`
  return html`<${Timeline} ...${shown} />`
}

const Timeline = ({ preview: { attempts }, askedAt }: { preview: RetryPreview; askedAt: number }) => {
  const spans = attempts.map(({ number, earliest, latest }) => ({
    number,
    from: Math.max(0, Date.parse(earliest) - askedAt),
    to: Math.max(0, Date.parse(latest) - askedAt),
    earliest,
    latest,
  }))
  const last = spans.at(-1)
  if (last === undefined) return null
  const place = scale(Math.max(last.to, 1_000))
  return html`<figure class="timeline">
    <figcaption>
      ${attempts.length === 1 ? '1 attempt, and no other.' : html`<b>${attempts.length} attempts</b>, if each fails at once: the last one ${durationText(last.from)} to ${durationText(last.to)} after the event.`}
    </figcaption>
    <div class="timeline-axis" aria-hidden="true">
      ${ticks
        .filter(({ ms }) => ms < last.to * 1.1)
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
    </div>
    <details>
      <summary>In clock times, for an event of now</summary>
      <table>
        <thead>
          <tr>
            <th scope="col">Attempt</th>
            <th scope="col">After</th>
            <th scope="col">Between</th>
          </tr>
        </thead>
        <tbody>
          ${spans.map(
            ({ number, from, to, earliest, latest }) =>
              html`<tr key=${number}>
                <td>${number}</td>
                <td>${number === 1 ? 'at once' : `${durationText(from)} to ${durationText(to)}`}</td>
                <td>
                  ${number === 1 ? absoluteTime(Date.parse(earliest)) : `${absoluteTime(Date.parse(earliest))} – ${absoluteTime(Date.parse(latest))}`}
                </td>
              </tr>`,
          )}
        </tbody>
      </table>
    </details>
  </figure>`
}

const ticks = [
  { ms: 1_000, label: '1 s' },
  { ms: 10_000, label: '10 s' },
  { ms: 60_000, label: '1 min' },
  { ms: 600_000, label: '10 min' },
  { ms: 3_600_000, label: '1 h' },
  { ms: 21_600_000, label: '6 h' },
  { ms: 86_400_000, label: '1 d' },
  { ms: 259_200_000, label: '3 d' },
  { ms: 604_800_000, label: '7 d' },
]

/** Seconds and days on one line: logarithmic, in per cent. */
const scale =
  (longestMs: number) =>
  (ms: number): number =>
    (Math.log10(1 + ms / 250) / Math.log10(1 + longestMs / 250)) * 100
