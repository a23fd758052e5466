import type { Replay } from '../../api/shapes.ts'
import type { Tone } from '../../parts/status-badge.ts'

/** Which deliveries of the range a replay takes, as a person chooses them. */
export const selections = [
  { value: 'dead', label: 'Dead', hint: 'That were given up: the usual choice after an outage' },
  { value: 'missing', label: 'Missing', hint: 'Events that fit the subscription now and were never sent to it' },
  { value: 'delivered', label: 'Delivered', hint: 'That the endpoint took, and lost since' },
  { value: 'cancelled', label: 'Cancelled', hint: 'That were given up by hand, or skipped' },
  { value: 'all', label: 'All of these', hint: 'Dead, delivered and cancelled; not missing' },
] as const satisfies readonly { value: Replay['status']; label: string; hint: string }[]

/** "dead deliveries", "events that were missing". */
export const selectionText = (status: Replay['status']): string => {
  if (status === 'missing') return 'missing events'
  return status === 'all' ? 'all deliveries' : `${status} deliveries`
}

/** How it stands, in a word. What it opened goes out at its pace; a list does not tell what waits, so there the pace tells. */
export const replayState = (replay: Replay, now: number): { readonly tone: Tone; readonly word: string } => {
  const { state, waiting, createdAt, opened, perSecond } = replay
  if (state === 'cancelled') return { tone: 'quiet', word: 'Cancelled' }
  if (state === 'running') return { tone: 'busy', word: 'Running' }
  const isUnderWay = Date.parse(createdAt) + (opened / perSecond) * 1_000 > now
  return waiting === undefined ? (isUnderWay ? delivering : done) : waiting > 0 ? delivering : done
}

const delivering = { tone: 'busy', word: 'Delivering' } as const
const done = { tone: 'ok', word: 'Done' } as const

export const counted = (count: number, one: string, many: string): string =>
  `${count.toLocaleString('en')} ${count === 1 ? one : many}`
