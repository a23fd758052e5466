import type Router from '@koa/router'
import type { Live } from '../live.ts'
import type { OutgoingEvent, Platform } from './platform.ts'

export const frontDeskTopic = 'front desk'
const eventsShown = 6

/** The API of the tablet at the reception. */
export const frontDeskRoutes = (router: Router, platform: Platform, live: Live): void => {
  router.get('/front-desk/api/visits', context => {
    context.body = { visits: platform.visits(), events: platform.outbox.latest(eventsShown).map(showEvent) }
  })
  router.post('/front-desk/api/visits/:id/check-in', context => {
    context.body = platform.checkIn(context.params['id'] ?? '')
  })
  router.post('/front-desk/api/visits/:id/check-out', context => {
    context.body = platform.checkOut(context.params['id'] ?? '')
  })
  router.get('/front-desk/api/live', context => live.listen(context, frontDeskTopic))
}

const showEvent = ({ event, traceId }: OutgoingEvent) => {
  const { id, type, timestamp, data } = event
  const { visitor } = data as { visitor: { firstName: string; lastName: string } }
  return { id, type, timestamp, visitor: `${visitor.firstName} ${visitor.lastName}`, traceId }
}
