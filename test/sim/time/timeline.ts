/** Who a task belongs to: a simulated process, or the world outside of all processes. */
export interface Owner {
  readonly name: string
  /** A paused owner's tasks wait, in their order; an ended owner's are dropped. */
  state: 'running' | 'paused' | 'ended'
  /** What its wall clock shows beyond the true time. */
  skewMs: number
  /** Tasks that came due while it was paused. */
  readonly parked: Task[]
}

export interface Task {
  dueAt: number
  order: number
  readonly owner: Owner
  /** Null: it was cancelled. */
  run: (() => void) | null
}

/** Simulated time: tasks run one after the other, in the order of their moments. */
export interface Timeline {
  /** Milliseconds since 1970, with fractions. */
  now(): number
  after(delayMs: number, owner: Owner, run: () => void): Task
  /** Takes the next task that may run, and moves the time to it. Null: none is left until then. */
  next(until: number): Task | null
  /** Lets an owner run again, with what came due in the meantime. */
  resume(owner: Owner): void
  /** Tasks that ran. */
  steps(): number
}

export const newOwner = (name: string): Owner => ({ name, state: 'running', skewMs: 0, parked: [] })

const before = (one: Task, other: Task): boolean =>
  one.dueAt < other.dueAt || (one.dueAt === other.dueAt && one.order < other.order)

export const createTimeline = (start: number): Timeline => {
  const heap: Task[] = []
  let now = start
  let order = 0
  let steps = 0

  const push = (task: Task): void => {
    let at = heap.length
    heap.push(task)
    while (at > 0) {
      const parent = (at - 1) >> 1
      const above = heap[parent] as Task
      if (!before(task, above)) break
      heap[at] = above
      at = parent
    }
    heap[at] = task
  }

  const pop = (): Task => {
    const top = heap[0] as Task
    const last = heap.pop() as Task
    if (heap.length === 0) return top
    let at = 0
    for (;;) {
      let child = at * 2 + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && before(heap[child + 1] as Task, heap[child] as Task)) child += 1
      if (!before(heap[child] as Task, last)) break
      heap[at] = heap[child] as Task
      at = child
    }
    heap[at] = last
    return top
  }

  const add = (task: Task, dueAt: number): Task => {
    task.dueAt = dueAt
    task.order = order += 1
    push(task)
    return task
  }

  return {
    now: () => now,
    after: (delayMs, owner, run) => add({ dueAt: 0, order: 0, owner, run }, now + Math.max(0, delayMs)),
    next: until => {
      for (;;) {
        const first = heap[0]
        if (first === undefined || first.dueAt > until) {
          now = until
          return null
        }
        const task = pop()
        if (task.run === null || task.owner.state === 'ended') continue
        if (task.owner.state === 'paused') {
          task.owner.parked.push(task)
          continue
        }
        now = Math.max(now, task.dueAt)
        steps += 1
        return task
      }
    },
    resume: owner => {
      owner.state = 'running'
      for (const task of owner.parked.splice(0)) if (task.run !== null) add(task, now)
    },
    steps: () => steps,
  }
}
