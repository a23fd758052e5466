import type { VisitEvent } from '../../domain/event.ts'
import { Failure } from '../../domain/failure.ts'
import type { EpochMs } from '../../domain/time.ts'

export interface VisitPaceDeps {
  /** The events of one visit that this process accepts in an hour. */
  readonly eventsPerVisit: number
  /** Reports a visit that has reached its limit: once for each hour of it. */
  readonly visitFlooded: (event: Pick<VisitEvent, 'tenant' | 'visitId'>) => void
  readonly now: () => EpochMs
}

interface Hour {
  readonly since: EpochMs
  count: number
}

export const hourMs = 60 * 60_000
/** The visits that are remembered: those with the latest events. A loop is always among them. */
const capacity = 50_000

/**
 * Ends loops. A receiver that publishes an event for each webhook that it gets causes the next webhook, and so on as fast as both can; nothing
 * in its requests says so. Its events are of one visit, and a visit has a few dozen in its life.
 */
export const createVisitPace = <Result extends { readonly duplicate: boolean }>(
  { eventsPerVisit, visitFlooded, now }: VisitPaceDeps,
  accept: (event: VisitEvent) => Promise<Result>,
): ((event: VisitEvent) => Promise<Result>) => {
  const hours = new Map<string, Hour>()

  const hourOf = (key: string): Hour => {
    const known = hours.get(key)
    const hour = known === undefined || now() - known.since >= hourMs ? { since: now(), count: 0 } : known
    hours.delete(key)
    const [oldest] = hours.keys()
    if (hours.size >= capacity && oldest !== undefined) hours.delete(oldest)
    hours.set(key, hour)
    return hour
  }

  /** Throws Failure `rate_limited`. An event that adds nothing, as a repeated one, does not count. */
  return async event => {
    const hour = hourOf(`${event.tenant} ${event.visitId}`)
    if (hour.count >= eventsPerVisit) throw tooMany(eventsPerVisit, hour.since + hourMs - now())
    hour.count += 1
    if (hour.count === eventsPerVisit) visitFlooded(event)
    try {
      const result = await accept(event)
      if (result.duplicate) hour.count -= 1
      return result
    } catch (error) {
      hour.count -= 1
      throw error
    }
  }
}

const tooMany = (limit: number, leftMs: number): Failure =>
  new Failure(
    'rate_limited',
    `This visit has had ${limit} events within an hour. Most likely a receiver publishes an event for each webhook that it gets, and each causes the next: let it publish only what happens at the front desk. The operator can raise DOORBELL_EVENTS_PER_VISIT.`,
    { retryAfterS: Math.ceil(leftMs / 1_000) },
  )
