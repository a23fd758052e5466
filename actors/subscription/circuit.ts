import type { StoredCircuit } from '../../src/domain/health.ts'
import type { Meaning } from '../../src/domain/meaning.ts'
import type { EpochMs, Moment } from '../../src/domain/time.ts'

/** Whether deliveries are posted. While the circuit is open they wait in the ledger and use up no attempt. */
export type Circuit = Closed | Open | HalfOpen

export interface Closed {
  readonly phase: 'closed'
  readonly since: EpochMs
  /** How often it opened without ten quiet minutes in between. */
  readonly times: number
  readonly slices: readonly Slice[]
  /** The number of attempts in a row without an answer. */
  readonly silences: number
}
export interface Open {
  readonly phase: 'open'
  readonly since: EpochMs
  readonly until: EpochMs
  readonly times: number
  readonly reason: string
}
/** One probe at a time. */
export interface HalfOpen {
  readonly phase: 'half-open'
  readonly since: EpochMs
  readonly times: number
  readonly reason: string
  readonly successes: number
  /** When it closes unless a probe fails before: with little traffic nothing else would close it. */
  readonly closesAt: EpochMs
}

/** The window is counted in slices, so that it costs the same for one attempt a minute and a thousand a second. */
interface Slice {
  readonly at: EpochMs
  readonly good: number
  readonly bad: number
}

const sliceMs = 10_000
export const windowMs = 60_000
export const leastAttempts = 10
const silencesToOpen = 5
const successesToClose = 3
const firstOpenMs = 30_000
const longestOpenMs = 10 * 60_000
const closesAfterSuccessMs = 60_000
const closesUnusedAfterMs = 10 * 60_000

export const closedCircuit = (since: EpochMs, times = 0): Closed => ({
  phase: 'closed',
  since,
  times,
  slices: [],
  silences: 0,
})

const halfOpen = ({ times, reason }: Open, now: EpochMs): HalfOpen => ({
  phase: 'half-open',
  since: now,
  times,
  reason,
  successes: 0,
  closesAt: now + closesUnusedAfterMs,
})

/** Makes an open circuit half-open when its wait is over, and closes a half-open one when no probe has failed for long enough. */
export const tick = (circuit: Circuit, now: EpochMs): Circuit => {
  if (circuit.phase === 'open' && now >= circuit.until) return halfOpen(circuit, now)
  if (circuit.phase === 'half-open' && now >= circuit.closesAt) return closedCircuit(now, circuit.times)
  return circuit
}

/** When `tick` changes it; null for a closed circuit. */
export const changesAt = (circuit: Circuit): EpochMs | null => {
  if (circuit.phase === 'closed') return null
  return circuit.phase === 'open' ? circuit.until : circuit.closesAt
}

/** A test event has succeeded: probes may follow at once, and it counts as one. */
export const afterTest = (circuit: Circuit, now: EpochMs): Circuit => {
  if (circuit.phase === 'closed') return circuit
  return afterSuccess(circuit.phase === 'open' ? halfOpen(circuit, now) : circuit, now)
}

/** Applies one attempt. While half-open only a probe counts: other attempts were posted before the circuit opened. */
export const afterAttempt = (circuit: Circuit, meaning: Meaning, probe: boolean, moment: Moment): Circuit => {
  if (meaning.verdict === 'own_fault') return circuit
  if (circuit.phase === 'closed') return whileClosed(circuit, meaning, moment)
  if (circuit.phase === 'half-open' && probe) return afterProbe(circuit, meaning, moment)
  return circuit
}

const whileClosed = (circuit: Closed, meaning: Meaning, moment: Moment): Circuit => {
  const { now } = moment
  if (meaning.circuit === 'ignored') return circuit.silences === 0 ? circuit : { ...circuit, silences: 0 }
  const good = meaning.circuit === 'success'
  const silences = meaning.circuit === 'silence' ? circuit.silences + 1 : 0
  const slices = counted(circuit.slices, good, now)
  if (good) return { ...circuit, slices, silences }
  const times = (now - circuit.since < longestOpenMs ? circuit.times : 0) + 1
  if (silences >= silencesToOpen)
    return open(times, `${silences} attempts in a row got no answer. ${meaning.words}`, moment)
  const bad = slices.reduce((sum, slice) => sum + slice.bad, 0)
  const all = slices.reduce((sum, slice) => sum + slice.good + slice.bad, 0)
  if (all >= leastAttempts && bad * 2 >= all)
    return open(times, `${bad} of the last ${all} attempts failed. ${meaning.words}`, moment)
  return { ...circuit, slices, silences }
}

const afterProbe = (circuit: HalfOpen, meaning: Meaning, moment: Moment): Circuit => {
  if (meaning.circuit === 'failure' || meaning.circuit === 'silence')
    return open(circuit.times + 1, `A probe of the endpoint failed. ${meaning.words}`, moment)
  return afterSuccess(circuit, moment.now)
}

const afterSuccess = (circuit: HalfOpen, now: EpochMs): Circuit => {
  const successes = circuit.successes + 1
  return successes >= successesToClose
    ? closedCircuit(now, circuit.times)
    : { ...circuit, successes, closesAt: now + closesAfterSuccessMs }
}

/** The wait is 30 s, doubling to 10 min, ±20 %, so that the probes of many circuits do not coincide. */
const open = (times: number, reason: string, { now, chance }: Moment): Open => {
  const waitMs = Math.min(firstOpenMs * 2 ** (times - 1), longestOpenMs)
  return { phase: 'open', since: now, until: Math.round(now + waitMs * (0.8 + 0.4 * chance)), times, reason }
}

const counted = (slices: readonly Slice[], good: boolean, now: EpochMs): readonly Slice[] => {
  const last = slices.at(-1)
  const slice = last !== undefined && now - last.at < sliceMs ? last : { at: now, good: 0, bad: 0 }
  const next = good ? { ...slice, good: slice.good + 1 } : { ...slice, bad: slice.bad + 1 }
  const others = slice === last ? slices.slice(0, -1) : slices
  return [...others.filter(({ at }) => now - at < windowMs), next]
}

export const toStored = (circuit: Circuit): StoredCircuit => ({
  phase: circuit.phase,
  since: circuit.since,
  until: circuit.phase === 'open' ? circuit.until : null,
  times: circuit.times,
  reason: circuit.phase === 'closed' ? null : circuit.reason,
})

/** Restores a circuit after a restart or a takeover. A probe that was under way is repeated. */
export const fromStored = ({ phase, since, until, times, reason }: StoredCircuit): Circuit => {
  if (phase === 'closed') return closedCircuit(since, times)
  if (phase === 'open') return { phase, since, until: until ?? since, times, reason: reason ?? '' }
  return { phase, since, times, reason: reason ?? '', successes: 0, closesAt: since + closesUnusedAfterMs }
}
