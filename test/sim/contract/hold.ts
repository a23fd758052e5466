import test, { type ExecutionContext } from 'ava'

/** A behaviour of a server that Doorbell depends on. */
export interface Behaviour<S> {
  readonly title: string
  /** What the steps bring about. */
  readonly outcome: unknown
  readonly steps: (side: S) => Promise<unknown>
}

/** Runs the steps of each behaviour against the real server and against its model, and compares what they bring about. */
export const hold = <S>(
  sides: { readonly real: (t: ExecutionContext) => Promise<S>; readonly model: (t: ExecutionContext) => Promise<S> },
  behaviours: readonly Behaviour<S>[],
): void => {
  for (const { title, outcome, steps } of behaviours)
    test(title, async t => {
      const run = async (open: (t: ExecutionContext) => Promise<S>) => steps(await open(t))
      const [real, model] = await Promise.all([run(sides.real), run(sides.model)])
      t.deepEqual(real, outcome, 'the real server')
      t.deepEqual(model, outcome, 'the model')
    })
}

/** The class and the code of what a step is refused with. */
export const refusalOf = async (step: Promise<unknown>): Promise<unknown> => {
  try {
    await step
    return 'done'
  } catch (error) {
    const { constructor, code } = error as Error & { readonly code?: unknown }
    return [constructor.name, code]
  }
}

/** Time and chance of this process: the models run beside real servers here. */
export const realPorts = {
  now: () => Date.now(),
  chance: () => Math.random(),
  after: (delayMs: number, work: () => void) => {
    const timer = setTimeout(work, delayMs)
    // An ack wait of minutes does not keep this process.
    if (delayMs > 10_000) timer.unref()
    return () => clearTimeout(timer)
  },
}
