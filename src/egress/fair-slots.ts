/** Whom an attempt is made for: both keys have a fair share. */
export interface SlotOwner {
  readonly tenant: string
  /** The endpoint's origin. */
  readonly endpoint: string
}

/** Gives the slot back. */
export type Release = () => void

/** There was no slot for this attempt in time, or none may be given now. */
export class NoSlot extends Error {
  readonly code = 'NO_SLOT'
}

/** How long an attempt waits for a slot, unless a test says otherwise. */
export const defaultSlotWaitMs = 5_000

export interface FairSlots {
  /** Resolves with a slot, after a short wait if needed. Rejects with NoSlot when the wait is over, or with the signal's reason. */
  take(owner: SlotOwner, signal: AbortSignal): Promise<Release>
  /** Gives no slot for a while: the process has run out of something that each attempt needs. */
  pause(): void
  used(): number
}

export interface FairSlotsOptions {
  readonly capacity: number
  readonly waitMs: number
  readonly pauseMs: number
}

interface Waiting {
  readonly owner: SlotOwner
  readonly begin: (release: Release) => void
}

/**
 * Returns how many slots one tenant or one endpoint may have. The more are in use, the fewer: a slot that an endpoint holds for half a minute cannot be
 * taken back, so there must be some left for those that come later. Of 512 slots, a few greedy ones get 64 each, then eight, and the last half is for 256
 * others, one by one.
 */
export const shareAt = (used: number, capacity: number): number => {
  if (used >= capacity) return 0
  const share = used < capacity / 4 ? capacity / 8 : used < capacity / 2 ? capacity / 64 : capacity / 512
  return Math.max(1, share)
}

/** Limits all attempts of the process together, so that those that hang leave slots to every other tenant and endpoint. */
export const createFairSlots = ({ capacity, waitMs, pauseMs }: FairSlotsOptions): FairSlots => {
  const running = { tenant: new Map<string, number>(), endpoint: new Map<string, number>() }
  /** One queue for each owner, so that a long one costs no more to look at than a short one. */
  const queues = new Map<string, Waiting[]>()
  let used = 0
  let paused: NodeJS.Timeout | null = null

  const runningOf = ({ tenant, endpoint }: SlotOwner): number =>
    Math.max(running.tenant.get(tenant) ?? 0, running.endpoint.get(endpoint) ?? 0)
  const mayBegin = (owner: SlotOwner): boolean => paused === null && runningOf(owner) < shareAt(used, capacity)

  const begin = ({ tenant, endpoint }: SlotOwner): Release => {
    change(1)
    let released = false
    return () => {
      if (released) return
      released = true
      change(-1)
      beginWaiting()
    }
    function change(by: 1 | -1): void {
      used += by
      add(running.tenant, tenant, by)
      add(running.endpoint, endpoint, by)
    }
  }

  /** Of those that may begin, the one whose tenant and endpoint have the fewest is next. */
  const beginWaiting = (): void => {
    for (;;) {
      let next: Waiting | undefined
      for (const [first] of queues.values())
        if (
          first !== undefined &&
          mayBegin(first.owner) &&
          (next === undefined || runningOf(first.owner) < runningOf(next.owner))
        )
          next = first
      if (next === undefined) return
      next.begin(begin(next.owner))
    }
  }

  const wait = (owner: SlotOwner, signal: AbortSignal): Promise<Release> =>
    new Promise((resolve, reject) => {
      const key = `${owner.tenant} ${owner.endpoint}`
      const leave = () => {
        clearTimeout(timer)
        signal.removeEventListener('abort', abort)
        const left = (queues.get(key) ?? []).filter(each => each !== waiting)
        if (left.length > 0) queues.set(key, left)
        else queues.delete(key)
      }
      const waiting: Waiting = { owner, begin: release => (leave(), resolve(release)) }
      const timer = setTimeout(() => (leave(), reject(new NoSlot('no slot was free in time'))), waitMs)
      const abort = () => (leave(), reject(signal.reason as Error))
      signal.addEventListener('abort', abort)
      queues.set(key, [...(queues.get(key) ?? []), waiting])
    })

  return {
    take: async (owner, signal) => (mayBegin(owner) ? begin(owner) : wait(owner, signal)),
    pause: () => {
      paused ??= setTimeout(() => {
        paused = null
        beginWaiting()
      }, pauseMs).unref()
    },
    used: () => used,
  }
}

const add = (counts: Map<string, number>, key: string, by: number): void => {
  const count = (counts.get(key) ?? 0) + by
  if (count === 0) counts.delete(key)
  else counts.set(key, count)
}
