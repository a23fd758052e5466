import type { ModelPorts } from './ports.ts'

export interface VirtualPorts extends ModelPorts {
  /** Lets time pass until the promise has settled, and returns its result. */
  until<T>(work: Promise<T>): Promise<T>
  pass(ms: number): Promise<void>
}

/** Time that passes only when a test wants it, and chance from a seed: the models' own tests run on it. */
export const virtualPorts = (seed = 1): VirtualPorts => {
  let now = 1_800_000_000_000
  let state = seed
  let tasks: { readonly at: number; readonly work: () => void }[] = []

  const after: ModelPorts['after'] = (delayMs, work) => {
    const task = { at: now + delayMs, work }
    // Behind the tasks of the same moment.
    const index = tasks.findLastIndex(({ at }) => at <= task.at) + 1
    tasks.splice(index, 0, task)
    return () => void (tasks = tasks.filter(each => each !== task))
  }
  const settled = () => new Promise<void>(resolve => void setImmediate(resolve))
  /** Runs the next task, unless it is due later. */
  const step = (latest: number): boolean => {
    const [next] = tasks
    if (next === undefined || next.at > latest) return false
    tasks = tasks.slice(1)
    now = next.at
    next.work()
    return true
  }
  return {
    now: () => now,
    // A linear congruential generator (Numerical Recipes), which is good enough to tell runs apart.
    chance: () => (state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32) / 2 ** 32,
    after,
    until: async work => {
      let isSettled = false
      const settle = () => void (isSettled = true)
      work.then(settle, settle)
      for (await settled(); !isSettled; await settled())
        if (!step(Infinity)) throw new Error('nothing is left to wait for')
      return work
    },
    pass: async ms => {
      const end = now + ms
      for (await settled(); step(end);) await settled()
      now = end
    },
  }
}
