import { superviseSubscription } from '../../actors/subscription/behaviour.ts'
import type { StoredState, SubscriptionEffect, SubscriptionMessage } from '../../actors/subscription/protocol.ts'
import { room } from '../../actors/subscription/queues.ts'
import { initialState, isQuiet, type SubscriptionState } from '../../actors/subscription/state.ts'
import { type Delivery, isFinal, mergeRows } from '../../src/domain/delivery.ts'
import type { SubscriptionHealth } from '../../src/domain/health.ts'
import type { Subscription } from '../../src/domain/subscription.ts'
import { aDelivery, anAnswer, aSubscription, noAnswer } from './supervised-values.ts'

/** What happens in one run: the subscription, the visit of each event, and a number for each choice. */
export interface Course {
  readonly settings: Partial<Subscription>
  readonly visits: readonly number[]
  readonly choices: readonly number[]
}

/** Follows a run, to find out why a promise was broken. */
export type Trace = (message: SubscriptionMessage, after: SubscriptionState, now: number) => void

/** An effect that is carried out in two steps: first the world changes, later the supervisor gets the answer. */
interface Job {
  readonly effect: SubscriptionEffect
  answer: SubscriptionMessage | null
}

/** Returns the ledger of one subscription, which does what the real one does. */
const createLedger = () => {
  const rows = new Map<string, Delivery>()
  const open = () =>
    [...rows.values()].filter(({ status }) => !isFinal(status)).toSorted((a, b) => a.streamSequence - b.streamSequence)
  const dated = () =>
    open()
      .filter(({ nextAttemptAt }) => nextAttemptAt !== null)
      .toSorted((a, b) => (a.nextAttemptAt ?? 0) - (b.nextAttemptAt ?? 0))
  const change = (row: Delivery, changed: Partial<Delivery>) =>
    rows.set(row.id, { ...row, ...changed, revision: row.revision + 1 })
  return {
    rows,
    open,
    write: (row: Delivery, stored: boolean): Delivery => {
      const theirs = rows.get(row.id)
      const isFirst = stored ? theirs?.revision === row.revision - 1 : theirs === undefined
      const written = theirs === undefined || isFirst ? row : mergeRows(theirs, row)
      rows.set(row.id, written)
      return written
    },
    due: (now: number, limit: number) => {
      const due = dated().filter(({ nextAttemptAt }) => (nextAttemptAt ?? 0) <= now)
      const later = dated().find(({ nextAttemptAt }) => (nextAttemptAt ?? 0) > now)
      return { rows: due.slice(0, limit), nextDueAt: due.length < limit ? (later?.nextAttemptAt ?? null) : now }
    },
    nextOfVisit: (visitId: string) => {
      const row = open().find(each => each.ordered === true && each.visitId === visitId) ?? null
      return row === null || row.nextAttemptAt === null ? { row, active: false } : { row: null, active: true }
    },
    openVisits: (limit: number) => {
      const visits = new Map<string, { visitId: string; open: number; active: boolean }>()
      const read = open()
        .filter(({ ordered }) => ordered === true)
        .slice(0, limit)
      for (const { visitId, nextAttemptAt } of read) {
        const known = visits.get(visitId) ?? { visitId, open: 0, active: false }
        visits.set(visitId, { visitId, open: known.open + 1, active: known.active || nextAttemptAt !== null })
      }
      return { visits: [...visits.values()], complete: read.length < limit }
    },
    resend: (row: Delivery, now: number) => {
      if (!isFinal(row.status)) return change(row, { nextAttemptAt: now })
      const { ordered: _, ownFaults: __, ...rest } = row
      const earlierAttempts = row.attempts.at(-1)?.number ?? 0
      return change(rest, { nextAttemptAt: now, status: 'pending', reason: 'resent', earlierAttempts, body: '{}' })
    },
    /** The next row of the visit is due now, unless the cancelled one was itself waiting for its turn. */
    cancel: (row: Delivery, now: number) => {
      change(row, { status: 'cancelled', reason: 'cancelled', nextAttemptAt: null })
      const next = open().find(each => each.ordered === true && each.visitId === row.visitId)
      if (row.ordered === true && row.nextAttemptAt !== null && next !== undefined) change(next, { nextAttemptAt: now })
    },
    cancelAll: () => open().forEach(row => change(row, { status: 'cancelled', nextAttemptAt: null })),
  }
}

const visitsLimit = 6
const outcomes = [
  anAnswer(200),
  anAnswer(204),
  anAnswer(503),
  noAnswer('timeout'),
  anAnswer(429, 5_000),
  noAnswer('own_fault'),
  anAnswer(400),
  anAnswer(200),
]
const steps = [0, 1, 60, 200, 1_000, 30_000]

/**
 * Runs one supervisor after the other in a small world: a ledger in a map, effects that are carried out and answered in any order, a user who
 * pauses, changes, cancels and resends, processes that end or die, and time that jumps. In the end everything goes well, and the world
 * runs until nothing is left to do. Returns the promises that were broken on the way.
 */
export const runWorld = ({ settings, visits, choices }: Course, trace?: Trace) => {
  const ledger = createLedger()
  const faults: string[] = []
  const events = visits.map((visit, index) => {
    const ordered = settings.ordering === 'visit' ? { ordered: true as const } : {}
    return aDelivery(`e${index}`, { visitId: `v${visit}`, streamSequence: index, ...ordered })
  })
  let posts = 0
  /** Rows that a user cancelled or sent again: they no longer keep their place. */
  const touched = new Set<string>()
  /** Events that arrived after the subscription was deleted. */
  const unmatched = new Set<string>()
  let subscription = aSubscription({ maxInFlight: 3, retry: { delaysMs: [1_000, 2_000, 3_000] }, ...settings })
  /** The settings that the supervisor knows. */
  let known = subscription
  let health: SubscriptionHealth | null = null
  let state: SubscriptionState | null = null
  let jobs: Job[] = []
  /** What others report, in order. */
  let mail: SubscriptionMessage[] = []
  /** Offers of the running supervisor that are not settled, and the number of the event that is offered next. */
  let inHand = new Map<string, Delivery>()
  let offered = 0
  let inHandTo = 0
  let caughtUp = false
  let isRemoved = false
  let isDraining = false
  let calm = false
  let wakeAt: number | null = null
  let now = 1_000
  let draws = 0
  let watched = 0
  const hasUser = (choices[0] ?? 0) % 2 === 0
  const current = (): SubscriptionState | null => state
  const draw = (below: number) => (choices[draws++ % choices.length] ?? 0) % below

  const settle = (id: string, how: string) => {
    if (!inHand.delete(id) && how === 'handed back') faults.push(`${id} was handed back, but is settled`)
  }
  const checkPost = ({
    work: { delivery, stored, probe },
    number,
    subscription: used,
  }: SubscriptionEffect & { type: 'post' }) => {
    const { id, visitId, streamSequence } = delivery
    const underWay = jobs.filter(({ effect }) => effect.type === 'post')
    if (isRemoved || isDraining) faults.push(`${id} was posted after the end`)
    if (known.status !== 'active') faults.push(`${id} was posted while ${known.status}`)
    if (used !== known) faults.push(`${id} was posted with old settings`)
    // After a cut of the limit earlier attempts may still be under way, but nothing new begins.
    if (underWay.length > known.maxInFlight) faults.push(`${underWay.length} attempts were under way`)
    if (state?.circuit.phase === 'half-open' && (probe !== true || room(state) !== 1)) faults.push(`${id} is no probe`)
    if (state?.circuit.phase === 'open') faults.push(`${id} was posted while the circuit was open`)
    if (underWay.filter(({ effect }) => effect.type === 'post' && effect.work.delivery.id === id).length > 1)
      faults.push(`${id} was posted twice at once`)
    if (number !== (delivery.attempts.at(-1)?.number ?? 0) + 1) faults.push(`${id} has the wrong attempt number`)
    const row = ledger.rows.get(id)
    if (stored !== (row !== undefined)) faults.push(`${id} is ${stored ? 'not' : 'already'} stored`)
    if (row !== undefined && isFinal(row.status) && !touched.has(id)) faults.push(`${id} was posted when ${row.status}`)
    if (delivery.ordered !== true || touched.has(id)) return
    for (const earlier of events.slice(0, streamSequence)) {
      if (earlier.visitId !== visitId || touched.has(earlier.id)) continue
      const { status } = ledger.rows.get(earlier.id) ?? earlier
      if (!isFinal(status)) faults.push(`${id} overtook ${earlier.id}`)
    }
  }
  const tell = (message: SubscriptionMessage) => {
    if (state === null || state.phase === 'done') return
    if (message.type === 'configured') known = message.subscription
    const step = superviseSubscription(state, message, { now, chance: draw(100) / 100 })
    state = step.state
    trace?.(message, state, now)
    for (const effect of step.effects) {
      if (effect.type === 'wakeAt') wakeAt = effect.at
      else if (effect.type === 'handBack') settle(effect.deliveryId, 'handed back')
      else if (effect.type === 'remember') health = effect.health
      else if (effect.type === 'disable') configure({ status: 'disabled' })
      else if (effect.type !== 'announce') {
        jobs.push({ effect, answer: null })
        if (effect.type === 'post') checkPost(effect)
      }
    }
    if (state.fresh.length + state.inHand.size > 1_000) faults.push('too much is in memory')
  }
  function configure(change: Partial<Subscription>) {
    subscription = { ...subscription, ...change }
    mail.push({ type: 'configured', subscription })
  }

  /** The first step of an effect. */
  const perform = ({ effect }: Job): SubscriptionMessage | null => {
    switch (effect.type) {
      case 'post': {
        const { work, number } = effect
        posts += 1
        const outcome = (calm ? undefined : outcomes[draw(outcomes.length)]) ?? anAnswer(200)
        const attempt = { number, at: now, tookMs: 1, url: '', traceId: '', spanId: `${posts}` }
        return { type: 'attempted', work, outcome, attempt }
      }
      case 'record': {
        if (!effect.stored && !inHand.has(effect.row.id)) faults.push(`${effect.row.id} was settled twice`)
        const row = ledger.write(effect.row, effect.stored)
        settle(row.id, 'recorded')
        const leftOrder = effect.row.ordered === true && row.ordered !== true
        return { type: 'recorded', row, stored: effect.stored, leftOrder }
      }
      case 'pull':
        return { type: 'pulled', ...ledger.due(now, effect.limit), asked: effect.limit }
      case 'readNextOfVisit':
        return { type: 'nextOfVisit', visitId: effect.visitId, ...ledger.nextOfVisit(effect.visitId) }
      case 'readVisits':
        return { type: 'visitsRead', visits: ledger.openVisits(visitsLimit) }
      default:
        return null
    }
  }
  /** The next step of a job; but new rows are written in the order of their events. */
  const work = (chosen: Job) => {
    const isInsert = ({ effect, answer }: Job) => effect.type === 'record' && !effect.stored && answer === null
    const job = (isInsert(chosen) ? jobs.find(isInsert) : undefined) ?? chosen
    if (job.answer === null) return void (job.answer = perform(job))
    jobs = jobs.filter(each => each !== job)
    return tell(job.answer)
  }

  /** A supervisor begins: with what is stored, and after a fault also with the offers that are not settled. */
  const begin = () => {
    const visitsRead = subscription.ordering === 'visit' ? ledger.openVisits(visitsLimit) : null
    const stored: StoredState = { health, visits: visitsRead }
    jobs = []
    mail = []
    wakeAt = null
    isDraining = false
    known = subscription
    state = initialState({ subscription, nextDueAt: now, stored })
    if (isRemoved) state = { ...state, phase: 'removed' }
    for (const delivery of inHand.values()) tell({ type: 'offered', delivery })
    if (caughtUp) tell({ type: 'caughtUp' })
    tell({ type: 'backlogChanged' })
  }
  /** The process is gone: the stream offers everything again that has no row. */
  const takeOver = () => {
    state = null
    inHand = new Map()
    jobs = []
    inHandTo = Math.max(inHandTo, offered)
    offered = 0
    caughtUp = inHandTo === 0
    begin()
  }
  /** A supervisor has ended: its writes still end, and what is not settled returns to the stream. */
  const endLife = () => {
    jobs.forEach(job => job.effect.type === 'record' && job.answer === null && perform(job))
    if (isDraining) return takeOver()
    if (inHand.size > 0) faults.push(`it ended with ${[...inHand.keys()].join()} in hand`)
    if (jobs.some(({ effect, answer }) => effect.type === 'post' && answer === null))
      faults.push('it ended during a post')
    if (isRemoved) ledger.cancelAll()
    state = null
    return undefined
  }
  const offer = () => {
    const event = events[offered++]
    if (event !== undefined && !ledger.rows.has(event.id) && !inHand.has(event.id)) {
      if (state === null) begin()
      if (current()?.phase === 'done') unmatched.add(event.id)
      else {
        inHand.set(event.id, event)
        tell({ type: 'offered', delivery: event })
      }
    }
    if (offered < inHandTo || caughtUp) return
    caughtUp = true
    tell({ type: 'caughtUp' })
  }
  const act = (row: Delivery | undefined, how: 'cancel' | 'resend') => {
    if (row === undefined || !hasUser) return
    if (how === 'cancel' ? isFinal(row.status) : !isFinal(row.status) && row.nextAttemptAt === null) return
    touched.add(row.id)
    ledger[how](row, now)
    mail.push({ type: 'backlogChanged' })
  }
  const passTime = (byMs: number) => {
    now += byMs
    if (wakeAt === null || wakeAt > now) return
    wakeAt = null
    tell({ type: 'woke' })
  }

  const hear = () => {
    const message = mail.shift()
    if (message !== undefined) tell(message)
  }

  const stepAtRandom = () => {
    const row = () => [...ledger.rows.values()][draw(Math.max(1, ledger.rows.size))]
    const choice = draw(100)
    const job = jobs[draw(Math.max(1, jobs.length))]
    if (choice < 30 && offered < events.length && !isDraining) offer()
    else if (choice < 75 && job !== undefined) work(job)
    else if (choice < 80) hear()
    else if (choice < 86) passTime(steps[draw(steps.length)] ?? 0)
    else if (choice < 88) act(row(), 'cancel')
    else if (choice < 89) act(row(), 'resend')
    else if (choice < 91) configure({ status: subscription.status === 'active' ? 'paused' : 'active' })
    else if (choice < 92) configure({ maxInFlight: 1 + draw(4), url: `https://${draw(2)}.example/` })
    else if (choice < 94) tell({ type: 'idled' })
    else if (choice < 95 && !isDraining) begin()
    else if (choice < 96) takeOver()
    else if (choice < 98 && state !== null) {
      isDraining = true
      tell({ type: 'drain' })
    } else if (choice === 98 && draw(3) === 0) {
      isRemoved = true
      ledger.cancelAll()
      tell({ type: 'removed' })
    } else if (choice === 99) tell({ type: 'backlogChanged' })
  }
  const stepInCalm = (): boolean => {
    const [job] = jobs
    if (offered < events.length && !isDraining) offer()
    else if (job !== undefined) work(job)
    else if (mail.length > 0) hear()
    else if (wakeAt !== null) passTime(Math.max(0, wakeAt - now))
    else if (state === null && ledger.open().length > 0) begin()
    // A user's change may have crossed a write. Then the watch, which wakes what has open rows, finds it.
    else if (touched.size > 0 && watched++ < 2) tell({ type: 'backlogChanged' })
    else return false
    return true
  }

  begin()
  for (let step = 0; step < choices.length; step += 1) {
    stepAtRandom()
    if (current()?.phase === 'done') endLife()
  }
  calm = true
  if (subscription.status !== 'active') configure({ status: 'active' })
  for (let step = 0; stepInCalm(); step += 1) {
    if (current()?.phase === 'done') endLife()
    if (step > 5_000) return [...faults, 'it does not come to rest']
  }
  const last = current()
  if (last !== null && (!isQuiet(last) || last.inHand.size > 0)) faults.push('something is left in memory')
  for (const { id } of events) {
    const row = ledger.rows.get(id)
    if (unmatched.has(id)) continue
    if (row === undefined) faults.push(`${id} has no row`)
    else if (!isFinal(row.status)) faults.push(`${id} is stuck as ${row.status}, ${row.reason ?? ''}`)
    else if (row.attempts.filter(({ number }) => number > (row.earlierAttempts ?? 0)).length > 4 && !touched.has(id))
      faults.push(`${id} was attempted too often`)
  }
  return faults
}
