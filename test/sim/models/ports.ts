/** Where the models take time and chance from: nothing else in them waits or chooses. */
export interface ModelPorts {
  /** Milliseconds since the epoch, by the servers' clock. */
  readonly now: () => number
  /** A number from 0 up to 1, from a seeded generator. */
  readonly chance: () => number
  /** Runs `work` once after this time. The result cancels it. */
  readonly after: (delayMs: number, work: () => void) => () => void
}

/** Runs `work` again and again. The result ends it. */
export const every = ({ after }: Pick<ModelPorts, 'after'>, intervalMs: number, work: () => void): (() => void) => {
  let cancel = () => undefined as void
  const next = () => {
    cancel = after(intervalMs, () => {
      work()
      next()
    })
  }
  next()
  return () => cancel()
}
