import { useState } from 'preact/hooks'
import { type Problem, problemFrom } from '../api/problem.ts'

/** An action of the person: whether it is running, and the problem of the last run. */
export interface Action<A extends readonly unknown[]> {
  readonly isBusy: boolean
  readonly problem: Problem | null
  /** Runs the action and returns whether it succeeded. Does nothing while it is running already. */
  readonly run: (...given: A) => Promise<boolean>
  /** Removes the problem. */
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
