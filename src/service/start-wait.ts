import type { Log } from '../../observability/log.ts'
import { isAway } from '../domain/failure.ts'
import type { EpochMs } from '../domain/time.ts'
import { wait as realWait, type Wait } from './wait.ts'

/** What a start needs from another system, and since when it has been asking for it. */
export interface Awaited {
  readonly what: string
  readonly since: EpochMs
}

/**
 * Repeats a step of the start until the servers that it needs have answered, so the step must be safe to repeat. Only a failure that waiting
 * does not fix is thrown. `release` gets the result of a step that ends after the start was stopped.
 */
export type UntilThere = <T>(what: string, step: () => Promise<T>, release?: (late: T) => unknown) => Promise<T>

export interface StartWait {
  /** What the start needs at this moment. Null: no other system. */
  awaited(): Awaited | null
  readonly untilThere: UntilThere
}

interface Options {
  readonly log: Pick<Log, 'info' | 'warn'>
  /** Aborted when the process stops: a step under way is left behind. */
  readonly stopping: AbortSignal
  readonly now?: () => EpochMs
  readonly wait?: Wait
}

const firstDelayMs = 100
const maxDelayMs = 2_000
/** A step that takes longer is reported, even if nothing has failed yet: an index is being built, or another process holds a lock. */
const firstReportMs = 5_000
export const maxReportMs = 10 * 60_000

/** Lets a start wait for servers, and for what another process is creating in them. Each wait is logged at once, and then at growing intervals. */
export const createStartWait = ({ log, stopping, now = () => Date.now(), wait = realWait }: Options): StartWait => {
  let awaited: Awaited | null = null

  const untilThere: UntilThere = async (what, step, release = () => undefined) => {
    stopping.throwIfAborted()
    awaited = { what, since: now() }
    using report = reportOn(awaited, { log, now, wait })
    try {
      for (let delayMs = firstDelayMs; ; delayMs = Math.min(delayMs * 2, maxDelayMs)) {
        try {
          const result = await unlessStopped(stopping, step(), release)
          report.came()
          return result
        } catch (error) {
          if (stopping.aborted || !isAway(error)) throw error
          report.failed(error)
        }
        await wait(delayMs, stopping)
        stopping.throwIfAborted()
      }
    } finally {
      awaited = null
    }
  }

  return { awaited: () => awaited, untilThere }
}

/** Rejects with the signal's reason as soon as the start is stopped. */
const unlessStopped = async <T>(stopping: AbortSignal, work: Promise<T>, release: (late: T) => unknown): Promise<T> => {
  const { promise: stopped, reject } = Promise.withResolvers<never>()
  const onStop = () => {
    work.then(release).catch(() => undefined)
    reject(stopping.reason as Error)
  }
  stopping.addEventListener('abort', onStop)
  try {
    return await Promise.race([work, stopped])
  } finally {
    stopping.removeEventListener('abort', onStop)
  }
}

type Reporting = Required<Pick<Options, 'log' | 'now' | 'wait'>>

const failedRemedy = 'see the error: the start continues by itself as soon as this is there'
const silentRemedy = 'nothing has failed yet, and nothing was answered: the start continues by itself'

/** Logs a wait: at its first failure and after a few seconds, again after ever longer times, and once when it is over. */
const reportOn = ({ what, since }: Awaited, { log, now, wait }: Reporting) => {
  const over = new AbortController()
  const fields = () => ({ awaited: what, since: new Date(since).toISOString(), waitedMs: now() - since })
  let reported = false
  let fault: unknown
  const report = () => {
    reported = true
    const why = fault === undefined ? { remedy: silentRemedy } : { err: fault, remedy: failedRemedy }
    log.warn({ ...fields(), ...why }, 'the start waits')
  }
  const repeat = async () => {
    for (let nextMs = firstReportMs; ; nextMs = Math.min(nextMs * 2, maxReportMs)) {
      await wait(nextMs, over.signal)
      if (over.signal.aborted) return
      report()
    }
  }
  void repeat()
  return {
    failed: (error: unknown) => {
      const isFirst = fault === undefined
      fault = error
      if (isFirst) report()
    },
    came: () => {
      if (reported) log.info(fields(), 'the start continues: what it waited for is there')
    },
    [Symbol.dispose]: () => over.abort(),
  }
}
