import type { Patience } from '../../actors/kit/patiently.ts'
import type { Log } from '../../observability/log.ts'
import { isAway } from '../domain/failure.ts'

/** Lets work wait while NATS or MongoDB is unreachable. No attempt is used up. */
export const createPatience = (log: Log): Patience => ({
  passes: isAway,
  onWait: (error, delayMs) =>
    log.warn(
      { err: error, delayMs, remedy: 'see the error; the work waits and uses up no attempt' },
      'waiting for a server',
    ),
})
