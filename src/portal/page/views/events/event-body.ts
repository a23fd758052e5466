import type { EventAccount, Subscription } from '../../api/shapes.ts'

/** An event as receivers get it. A thin payload has no `data`. */
export const eventBody = (event: NonNullable<EventAccount['event']>, payload: Subscription['payload'] = 'full') => {
  const { id, type, timestamp, visitId, sequence, data } = event
  return {
    id,
    type,
    timestamp,
    visitId,
    ...(sequence === undefined ? {} : { sequence }),
    ...(payload === 'thin' ? {} : { data }),
  }
}
