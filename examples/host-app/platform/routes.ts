import type Router from '@koa/router'
import type { Live } from '../live.ts'
import type { OutgoingEvent, Platform, PlatformVisit } from './platform.ts'

export const frontDeskTopic = 'front desk'
const eventsShown = 6

/** The API of the tablet at the reception. */
export const frontDeskRoutes = (router: Router, platform: Platform, live: Live): void => {
  router.get('/front-desk/api/visits', context => {
    context.body = {
      visits: platform.visits().map(showVisit),
      events: platform.outbox.latest(eventsShown).map(showEvent),
    }
  })
  router.post('/front-desk/api/visits/:id/check-in', context => {
    context.body = showVisit(platform.checkIn(context.params['id'] ?? ''))
  })
  router.post('/front-desk/api/visits/:id/check-out', context => {
    context.body = showVisit(platform.checkOut(context.params['id'] ?? ''))
  })
  router.get('/front-desk/api/live', context => live.listen(context, frontDeskTopic))
}

/** A visit in the form in which the tablet gets it: without the visitor's e-mail address, for instance. */
const showVisit = ({ id, visitor, host, scheduledAt, status, checkedOutAt, badge }: PlatformVisit) => ({
  id,
  visitor: { firstName: visitor.firstName, lastName: visitor.lastName, company: visitor.company },
  host: { name: host.name },
  scheduledAt,
  status,
  checkedOutAt,
  badge,
})

const showEvent = ({ event, traceId }: OutgoingEvent) => {
  const { id, type, timestamp, data } = event
  const { visitor } = data as { visitor: { firstName: string; lastName: string } }
  return { id, type, timestamp, visitor: `${visitor.firstName} ${visitor.lastName}`, traceId }
}
