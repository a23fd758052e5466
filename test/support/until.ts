import { inspect } from 'node:util'
import { setTimeout as delay } from 'node:timers/promises'

/**
 * So many questions take 16 seconds at least, which is less than the 30 after which a worker repairs what a lost step has left behind: a
 * test sees the step itself. They are counted, not timed, so a busy machine has longer.
 */
const mostQuestions = 800

/**
 * Asks until the answer is the wanted one, and returns it: for a fact that no event announces. Between two questions the machine is free
 * for the work that the test waits for. Throws with the last answer when there is no wanted one.
 */
export const until = async <T>(
  ask: () => T | Promise<T>,
  wanted: (answer: T) => boolean = Boolean,
  questions = mostQuestions,
): Promise<T> => {
  const startedAt = performance.now()
  for (let asked = 1; ; asked += 1) {
    const answer = await ask()
    if (wanted(answer)) return answer
    if (asked === questions) {
      const seconds = Math.round((performance.now() - startedAt) / 1_000)
      throw new Error(`not within ${seconds} s (${questions} questions); the last answer was ${inspect(answer)}`)
    }
    await delay(20)
  }
}
