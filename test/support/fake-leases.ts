import { defer, Subject } from 'rxjs'
import type { Lease, LeaseStore } from '../../actors/fleet/protocol.ts'

/** The bucket of a fleet, in memory: a key is dropped `leaseMs` after it was written. */
export const createBucket = (leaseMs: number, now: () => number) => {
  const keys = new Map<string, { revision: number; until: number }>()
  let revisions = 0
  const get = (key: string) => {
    const entry = keys.get(key)
    return entry !== undefined && entry.until > now() ? entry : null
  }
  const put = (key: string) => {
    revisions += 1
    keys.set(key, { revision: revisions, until: now() + leaseMs })
    return revisions
  }
  return {
    beat: (worker: string) => put(`w${worker}`),
    workers: () => [...keys.keys()].filter(key => key.startsWith('w') && get(key)).map(key => key.slice(1)),
    take: (partition: number): Lease | null =>
      get(`p${partition}`) === null ? { partition, revision: put(`p${partition}`) } : null,
    renew: ({ partition, revision }: Lease): Lease | null =>
      get(`p${partition}`)?.revision === revision ? { partition, revision: put(`p${partition}`) } : null,
    release: ({ partition, revision }: Lease) => {
      if ((get(`p${partition}`)?.revision ?? Infinity) <= revision) keys.delete(`p${partition}`)
    },
    leave: (worker: string) => void keys.delete(`w${worker}`),
    /** How many leases are held. */
    leased: () => [...keys.keys()].filter(key => key.startsWith('p') && get(key)).length,
  }
}

/** How one worker reaches the bucket: how long a request and its answer take, and whether it is cut off. */
export interface Network {
  requestMs: number
  answerMs: number
  cut: boolean
}

/** One worker's view of a bucket. `requests` counts them by kind. */
export const leasesOf = (bucket: ReturnType<typeof createBucket>, network: Network) => {
  const requests: Record<string, number> = {}
  const after = (ms: number) => new Promise<void>(resolve => void setTimeout(resolve, ms))
  const ask =
    <Arguments extends readonly unknown[], Answer>(kind: string, request: (...args: Arguments) => Answer) =>
    async (...args: Arguments): Promise<Answer> => {
      requests[kind] = (requests[kind] ?? 0) + 1
      if (network.cut) throw new Error('cut off')
      if (network.requestMs > 0) await after(network.requestMs)
      const answer = request(...args)
      if (network.answerMs > 0) await after(network.answerMs)
      return answer
    }
  let changes$ = new Subject<void>()
  const store: LeaseStore = {
    beat: ask('beat', (worker: string) => void bucket.beat(worker)),
    workers: ask('workers', bucket.workers),
    take: ask('take', bucket.take),
    renew: ask('renew', bucket.renew),
    release: ask('release', bucket.release),
    leave: ask('leave', bucket.leave),
    changes$: defer(() => changes$),
  }
  return {
    store,
    requests,
    /** Emits that the fleet has changed. */
    change: () => changes$.next(),
    /** Ends the stream of changes with an error; the next subscriber gets another. */
    failChanges: (error: unknown) => {
      const failing$ = changes$
      changes$ = new Subject<void>()
      failing$.error(error)
    },
  }
}
