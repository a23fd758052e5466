import { Subject } from 'rxjs'
import type { HttpServer } from './http-server.ts'
import type { Worker } from './worker.ts'

/** Attempts that have not finished by then are cut off, and do not count. */
const finishAttemptsMs = 8_000
/** Requests that have not been answered by then, after the attempts, lose their connection. */
const finishRequestsMs = 2_000

/** Leads the service from running to stopped. Its parts follow by these signals. */
export interface Draining {
  /** Emits once when the service begins to stop: for answers that would otherwise never end. */
  readonly begins$: Subject<void>
  hasBegun(): boolean
  /** Aborted when attempts under way must be cut off. */
  readonly cutOff: AbortSignal
  /** Takes no new work, and finishes or hands back what is under way. */
  drain(http: HttpServer, worker: Worker | null): Promise<void>
}

export const createDraining = (): Draining => {
  const begins$ = new Subject<void>()
  const cutOff = new AbortController()
  let begun = false
  return {
    begins$,
    hasBegun: () => begun,
    cutOff: cutOff.signal,
    drain: async (http, worker) => {
      begun = true
      begins$.next()
      const closed = http.stopListening()
      if (worker !== null)
        await within(finishAttemptsMs, worker.drain(), () => cutOff.abort(new Error('the process is stopping')))
      await within(finishRequestsMs, closed, http.disconnect)
    },
  }
}

/** Waits until the work has ended. Calls `onLimit`, which should hurry it, when it takes longer than the limit. */
const within = async (limitMs: number, work: Promise<void>, onLimit: () => void): Promise<void> => {
  const limit = setTimeout(onLimit, limitMs)
  try {
    await work
  } finally {
    clearTimeout(limit)
  }
}
