import { setTimeout as delay } from 'node:timers/promises'

/**
 * Asks until the answer is the wanted one, and returns it: for a fact that no event announces. Between two questions the machine is free
 * for the work that the test waits for.
 */
export const until = async <T>(ask: () => T | Promise<T>, wanted: (answer: T) => boolean = Boolean): Promise<T> => {
  for (;;) {
    const answer = await ask()
    if (wanted(answer)) return answer
    await delay(20)
  }
}
