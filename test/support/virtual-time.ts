import { mock } from 'node:test'
import type { ExecutionContext } from 'ava'

/**
 * Stops the clock and the timers of this process until the test ends: `pass` moves them, a millisecond at a time, and lets promises settle in
 * between. Time begins at `now`. One test at a time may use it: `test.serial`. Sockets and `setImmediate` are not affected.
 */
export const virtualTime = (t: ExecutionContext, now = 0) => {
  mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'], now })
  t.teardown(() => mock.timers.reset())
  return {
    pass: async (ms: number): Promise<void> => {
      for (let passed = 0; passed < ms; passed += 1) {
        await settled()
        mock.timers.tick(1)
      }
      await settled()
    },
  }
}

/** Resolves when every promise that needs neither a timer nor the network has settled. */
export const settled = (): Promise<void> => new Promise(resolve => void setImmediate(resolve))
