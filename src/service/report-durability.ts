import type { Log } from '../../observability/log.ts'
import { describeDurability, type Durability, flushRemedy } from '../streams/flush.ts'

/** One line at the start on where an event is when its 202 is answered. */
export const reportDurability = (durability: Durability, log: Pick<Log, 'info' | 'warn'>): void => {
  const acceptedEvents = describeDurability(durability)
  if (durability.kind === 'flushed' || durability.kind === 'replicated')
    log.info({ acceptedEvents }, 'accepted events are safe')
  else log.warn({ acceptedEvents, remedy: flushRemedy }, 'a power cut may take events that were accepted')
}
