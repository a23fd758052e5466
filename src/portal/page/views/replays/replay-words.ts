import type { Replay } from '../../api/shapes.ts'
import type { Tone } from '../../parts/status-badge.ts'

/** The deliveries that a replay can select. */
export const selections = [
  { value: 'dead', label: 'Dead', hint: 'Deliveries that Doorbell gave up: the usual choice after an outage' },
  { value: 'missing', label: 'Missing', hint: 'Events that match the subscription now and were never sent to it' },
  { value: 'delivered', label: 'Delivered', hint: 'Deliveries that the endpoint accepted, and has lost since' },
  { value: 'cancelled', label: 'Cancelled', hint: 'Deliveries that were cancelled by hand, or skipped on resume' },
  { value: 'all', label: 'All', hint: 'Dead, delivered and cancelled deliveries; no missing events' },
] as const satisfies readonly { value: Replay['status']; label: string; hint: string }[]

/** "dead deliveries", "missing events". */
export const selectionText = (status: Replay['status']): string => {
  if (status === 'missing') return 'missing events'
  return status === 'all' ? 'all deliveries' : `${status} deliveries`
}

/**
 * The state of a replay in a word. A replay that has opened all its deliveries still sends them at its pace. A list of replays does not say how many are
 * waiting, so there the pace decides whether the replay is done.
 */
export const replayState = (replay: Replay, now: number): { readonly tone: Tone; readonly word: string } => {
  const { state, waiting, createdAt, opened, perSecond } = replay
  if (state === 'cancelled') return { tone: 'quiet', word: 'Cancelled' }
  if (state === 'running') return { tone: 'busy', word: 'Running' }
  const isUnderWay = Date.parse(createdAt) + (opened / perSecond) * 1_000 > now
  return waiting === undefined ? (isUnderWay ? delivering : done) : waiting > 0 ? delivering : done
}

const delivering = { tone: 'busy', word: 'Delivering' } as const
const done = { tone: 'ok', word: 'Done' } as const
