import { setTimeout as wait } from 'node:timers/promises'

export interface Forwarded {
  /** Null: there was no answer. */
  readonly status: number | null
  readonly tookMs: number
  /** The beginning of the answer, or the reason why there was none. */
  readonly text: string
}

export interface Target {
  readonly to: string
  readonly signal: AbortSignal
  /** Prints that nothing listens there. */
  readonly say: (line: string) => void
}

const timeoutMs = 10_000
const retryMs = 500
const shown = 160

/** Posts one event as the service does, and waits while nothing listens at the port. Null: the signal came first. */
export const forward = async (
  { to, signal, say }: Target,
  headersOf: () => Promise<Record<string, string>>,
  body: string,
): Promise<Forwarded | null> => {
  for (let waits = 0; !signal.aborted; waits += 1) {
    const startedAt = performance.now()
    const tookMs = () => Math.round(performance.now() - startedAt)
    try {
      // Signed again each time, since a signature is valid for five minutes.
      const headers = await headersOf()
      const limited = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
      const answer = await fetch(to, { method: 'POST', headers, body, redirect: 'manual', signal: limited })
      const text = (await answer.text()).replace(/\s+/g, ' ').slice(0, shown)
      return { status: answer.status, tookMs: tookMs(), text }
    } catch (error) {
      if (signal.aborted) return null
      const { cause, name } = error as Error & { cause?: NodeJS.ErrnoException }
      if (cause?.code !== 'ECONNREFUSED') {
        const why =
          name === 'TimeoutError' ? `no answer within ${timeoutMs / 1_000} s` : (cause?.message ?? String(error))
        return { status: null, tookMs: tookMs(), text: why }
      }
      if (waits === 0) say(`Nothing listens at ${to}: start your receiver. The event waits.`)
      await wait(retryMs, undefined, { signal }).catch(() => undefined)
    }
  }
  return null
}
