import { useState } from 'preact/hooks'
import { type Problem, problemFrom } from '../api/problem.ts'

/** Something that a person does: whether it is under way, and what went wrong with it. */
export interface Action<A extends readonly unknown[]> {
  readonly isBusy: boolean
  readonly problem: Problem | null
  /** True when it succeeded. Does nothing while it is under way. */
  readonly run: (...given: A) => Promise<boolean>
  readonly clear: () => void
}

export const useAction = <A extends readonly unknown[]>(act: (...given: A) => Promise<void>): Action<A> => {
  const [state, setState] = useState<{ isBusy: boolean; problem: Problem | null }>({ isBusy: false, problem: null })
  const run = async (...given: A): Promise<boolean> => {
    if (state.isBusy) return false
    setState({ isBusy: true, problem: null })
    try {
      await act(...given)
      setState({ isBusy: false, problem: null })
      return true
    } catch (error) {
      setState({ isBusy: false, problem: problemFrom(error) })
      return false
    }
  }
  return { ...state, run, clear: () => setState({ isBusy: false, problem: null }) }
}
