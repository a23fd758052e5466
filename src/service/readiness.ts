import { setTimeout } from 'node:timers/promises'

/** Probes give up after a few seconds, so a server that hangs is reported before that. */
const answerWithinMs = 2_000

export interface ReadinessSources {
  readonly nats: () => Promise<unknown>
  readonly mongodb: () => Promise<unknown>
  readonly isStopping: () => boolean
}

/** Checks what this process needs before it can take work. Each entry is `ok`, or says what is wrong. */
export const createReadiness =
  ({ nats, mongodb, isStopping }: ReadinessSources) =>
  async (): Promise<Readonly<Record<string, string>>> => {
    const [natsAnswer, mongodbAnswer] = await Promise.all([answerOf(nats), answerOf(mongodb)])
    return { nats: natsAnswer, mongodb: mongodbAnswer, process: isStopping() ? 'is stopping' : 'ok' }
  }

const answerOf = async (ping: () => Promise<unknown>): Promise<string> => {
  const answered = new AbortController()
  const late = setTimeout(answerWithinMs, `does not answer within ${answerWithinMs / 1_000} s`, {
    signal: answered.signal,
  })
  const answer = ping().then(
    () => 'ok',
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  )
  return Promise.race([answer, late]).finally(() => answered.abort())
}
