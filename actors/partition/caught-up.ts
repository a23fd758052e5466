import type { VisitMessage } from '../../src/domain/visit-message.ts'

export interface CaughtUp {
  arrived(message: VisitMessage): void
  /** Called when the message's deliveries are offered, or when it ends without any. */
  passed(message: VisitMessage): void
}

/** Reports once that everything is offered again that the partition's previous owner had in hand, also what was held back on the way. */
export const createCaughtUp = (report: () => void): CaughtUp => {
  const inHand = new Set<VisitMessage>()
  let isComplete = false
  let isReported = false
  return {
    arrived: message => {
      if (isComplete) return
      inHand.add(message)
      isComplete = message.caughtUp
    },
    passed: message => {
      if (isReported) return
      inHand.delete(message)
      if (!isComplete || inHand.size > 0) return
      isReported = true
      report()
    },
  }
}
