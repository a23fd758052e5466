import type { VisitEvent } from '../doorbell/client.ts'
import type { Platform } from './platform.ts'

const retryAfterMs = 2_000

/**
 * Publishes the events of the outbox in order, each until Doorbell has accepted it. An event keeps its id over all attempts, so Doorbell delivers it
 * once even if an answer was lost. `onFailure` runs for the first of several failures in a row.
 */
export const startPublisher = (
  outbox: Platform['outbox'],
  publish: (event: VisitEvent) => Promise<{ traceId: string }>,
  onFailure: (error: unknown) => void,
) => {
  let running: Promise<void> | null = null
  let again: NodeJS.Timeout | undefined
  let failing = false
  let stopped = false

  const drain = async (): Promise<void> => {
    try {
      for (let next = outbox.next(); next !== null && !stopped; next = outbox.next()) {
        const { traceId } = await publish(next.event)
        outbox.accepted(next.number, traceId)
        failing = false
      }
    } catch (error) {
      if (!failing) onFailure(error)
      failing = true
      again = setTimeout(wake, retryAfterMs)
    }
    running = null
  }

  /** Starts publishing. Call it when the outbox has a new event. */
  const wake = (): void => {
    if (stopped || running !== null) return
    clearTimeout(again)
    // Publishing starts after the caller's own work has finished.
    running = Promise.resolve().then(drain)
  }

  wake()
  return {
    wake,
    stop: async (): Promise<void> => {
      stopped = true
      await running
      clearTimeout(again)
    },
  }
}
