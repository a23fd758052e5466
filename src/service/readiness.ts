import { errorText } from '../domain/error-text.ts'
import type { Difference } from '../domain/requirement.ts'
import type { Wait } from './wait.ts'

/** Probes give up after a few seconds, so a server that hangs is reported before that. */
const answerWithinMs = 2_000

export interface ReadinessSources {
  readonly nats: () => Promise<unknown>
  readonly mongodb: () => Promise<unknown>
  readonly isStopping: () => boolean
  /** What differs from what Doorbell needs in these servers. */
  readonly broken: () => readonly Difference[]
  readonly wait: Wait
}

/** Checks what this process needs before it can take work. Each entry is `ok`, or says what is wrong. */
export const createReadiness =
  ({ nats, mongodb, isStopping, broken, wait }: ReadinessSources) =>
  async (): Promise<Readonly<Record<string, string>>> => {
    const [natsAnswer, mongodbAnswer] = await Promise.all([answerOf(nats, wait), answerOf(mongodb, wait)])
    const promises = broken().map(({ object, difference, promise, remedy }) => [
      object,
      `${difference}. ${promise} ${remedy}`,
    ])
    return {
      nats: natsAnswer,
      mongodb: mongodbAnswer,
      process: isStopping() ? 'is stopping' : 'ok',
      ...Object.fromEntries(promises),
    }
  }

const answerOf = (ping: () => Promise<unknown>, wait: Wait): Promise<string> => {
  const answered = new AbortController()
  const late = wait(answerWithinMs, answered.signal).then(() => `does not answer within ${answerWithinMs / 1_000} s`)
  const answer = ping().then(() => 'ok', errorText)
  return Promise.race([answer, late]).finally(() => answered.abort())
}
