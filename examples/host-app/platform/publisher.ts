import type { VisitEvent } from '../doorbell/client.ts'
import type { Platform } from './platform.ts'

const againAfterMs = 2_000

/**
 * Publishes what is in the outbox, in order, until Doorbell has accepted it. An event keeps its id over all attempts: one that arrived
 * although its answer was lost is known there and delivered once. `onFailure` hears of the first failure in a row.
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
      again = setTimeout(wake, againAfterMs)
    }
    running = null
  }

  /** To be called when something was put into the outbox. */
  const wake = (): void => {
    if (stopped || running !== null) return
    clearTimeout(again)
    // Not within the caller's turn: his own work ends first.
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
