import type { Observable } from 'rxjs'
import type { Log } from '../../observability/log.ts'
import { errorText } from '../domain/error-text.ts'
import { Failure } from '../domain/failure.ts'
import type { Difference, Requirement } from '../domain/requirement.ts'
import { brokenOf, logNews } from './findings.ts'
import type { Wait } from './wait.ts'

/** The current findings about what Doorbell needs in other systems. */
export interface Reconciler {
  /** Resolves when everything was compared once. */
  readonly compared: Promise<void>
  /** What differs and could not be restored: some promise does not hold. */
  broken(): readonly Difference[]
  /** The number of broken objects of each requirement, 0 included. */
  counts(): readonly BrokenCount[]
  /** Throws Failure `promise_broken` while an accepted event might be lost or never delivered. */
  assertDeliverable(): void
  /** Compares soon: something may be missing. */
  hint(): void
  /** Resolves when no comparison is under way any more. */
  stop(): Promise<void>
}

export interface BrokenCount {
  readonly system: Difference['system']
  readonly requirement: string
  readonly broken: number
}

/** What one system has to hold, and the moments at which something may be missing there. */
export interface Ground {
  readonly system: Difference['system']
  readonly requirements: readonly Requirement[]
  readonly doubts$: Observable<unknown>
}

interface Ports {
  readonly log: Pick<Log, 'info' | 'warn' | 'error'>
  readonly wait: Wait
}

const everyMs = 60_000
/** A server that did not answer, or was asked in the middle of something, most often answers soon. */
const unansweredMs = 5_000
/** A hint that repeats, because its cause cannot be restored, does not become a load. */
const restMs = 1_000

/**
 * Compares what Doorbell needs in other systems with what is there: now, at each hint, every minute, and soon where a server did not answer. Each system has its own rounds, one at a time,
 * so that one that hangs does not hide the others' losses.
 */
export const startReconciler = (grounds: readonly Ground[], ports: Ports): Reconciler => {
  const rounds = grounds.map(ground => startRounds(ground, ports))
  const broken = () => rounds.flatMap(({ findings }) => brokenOf([...findings.values()].flat()))
  return {
    compared: Promise.all(rounds.map(({ compared }) => compared)).then(() => undefined),
    broken,
    counts: () =>
      rounds.flatMap(({ system, findings }) =>
        [...findings].map(([requirement, found]) => ({ system, requirement, broken: brokenOf(found).length })),
      ),
    assertDeliverable: () => {
      const refusing = broken().find(({ refusesEvents }) => refusesEvents)
      if (refusing !== undefined) throw refusalOf(refusing)
    },
    hint: () => rounds.forEach(({ hint }) => hint()),
    stop: async () => void (await Promise.all(rounds.map(({ stop }) => stop()))),
  }
}

const refusalOf = ({ object, difference, promise, remedy }: Difference): Failure =>
  new Failure(
    'promise_broken',
    `No event is accepted now, because it might not be delivered: ${object} ${difference}.`,
    {
      retryAfterS: 30,
      internal: `${promise} ${remedy}`,
    },
  )

const startRounds = ({ system, requirements, doubts$ }: Ground, { log, wait }: Ports) => {
  const findings = new Map<string, readonly Difference[]>(requirements.map(({ name }) => [name, []]))
  const unchecked = new Map<string, string>()
  const stopping = new AbortController()
  let hinted = new AbortController()
  const hint = () => hinted.abort()

  const compare = async ({ name, check }: Requirement): Promise<void> => {
    try {
      const found = await check()
      if (unchecked.delete(name)) log.info({ requirement: name }, 'compared again with what Doorbell needs')
      logNews(log, findings.get(name) ?? [], found)
      findings.set(name, found)
    } catch (error) {
      // What is known stays: a server that does not answer has changed nothing.
      const why = errorText(error)
      if (unchecked.get(name) === why) return
      unchecked.set(name, why)
      const remedy = 'see the error; it is compared again by itself'
      log.warn({ err: error, requirement: name, remedy }, 'could not compare with what Doorbell needs')
    }
  }
  const round = async () => {
    hinted = new AbortController()
    for (const requirement of requirements) if (!stopping.signal.aborted) await compare(requirement)
  }
  const compared = round()
  const keepComparing = async () => {
    await compared
    while (!stopping.signal.aborted) {
      await wait(restMs, stopping.signal)
      const againMs = unchecked.size > 0 ? unansweredMs : everyMs
      await wait(againMs - restMs, AbortSignal.any([stopping.signal, hinted.signal]))
      if (!stopping.signal.aborted) await round()
    }
  }
  const ended = keepComparing()
  const doubting = doubts$.subscribe(hint)
  return {
    system,
    compared,
    findings,
    hint,
    stop: () => {
      stopping.abort()
      doubting.unsubscribe()
      return ended
    },
  }
}
