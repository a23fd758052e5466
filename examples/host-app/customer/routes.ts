import type Router from '@koa/router'
import type { Context } from 'koa'
import type { Live } from '../live.ts'
import type { Platform } from '../platform/platform.ts'
import { readJson } from '../read-json.ts'
import { Refusal } from '../refusal.ts'
import type { Notifications } from './notifications.ts'
import { contactOf, contacts, type Host, hosts } from './people.ts'
import { readInvitation } from './read-invitation.ts'
import type { Sessions } from './sessions.ts'
import { showVisit, type Visits } from './visits.ts'

interface Parts {
  readonly sessions: Sessions
  readonly visits: Visits
  readonly notifications: Notifications
  readonly live: Live
  /** The calls of the platform's API that the app makes. */
  readonly platform: Pick<Platform, 'plan' | 'cancel'>
}

/** The API of the app's page. */
export const customerRoutes = (router: Router, { sessions, visits, notifications, live, platform }: Parts): void => {
  const loggedIn = (context: Context): Host => {
    const host = sessions.host(context)
    if (host === null) throw new Refusal(401, 'Log in first.')
    return host
  }
  const publishVisit = (hostId: string, id: string) => {
    const visit = visits.get(id)
    if (visit === null) throw new Refusal(404, 'This visit does not exist.')
    const data = showVisit(visit)
    live.publish(hostId, { event: 'visit', data })
    return data
  }

  router.get('/api/hosts', context => {
    context.body = { hosts, me: sessions.host(context) }
  })

  router.post('/api/session', async context => {
    const { hostId } = (await readJson(context)) as { hostId?: unknown }
    context.body = sessions.start(context, String(hostId))
  })

  router.delete('/api/session', context => {
    sessions.end(context)
    context.status = 204
  })

  router.get('/api/home', context => {
    const { id } = loggedIn(context)
    context.body = {
      contacts,
      visits: visits.ofHost(id).map(showVisit),
      notifications: notifications.ofHost(id),
    }
  })

  router.post('/api/visits', async context => {
    const host = loggedIn(context)
    const { contactId, scheduledAt } = readInvitation(await readJson(context), Date.now())
    const visitor = contactOf(contactId)
    if (visitor === undefined) throw new Refusal(404, 'This contact does not exist.')
    const { id } = platform.plan({ visitor, host: { id: host.id, name: host.name }, scheduledAt })
    visits.add({ id, hostId: host.id, contactId, scheduledAt })
    context.status = 201
    context.body = publishVisit(host.id, id)
  })

  router.post('/api/visits/:id/cancel', context => {
    const host = loggedIn(context)
    const visit = visits.get(context.params['id'] ?? '')
    if (visit === null || visit.hostId !== host.id) throw new Refusal(404, 'This visit does not exist.')
    if (!showVisit(visit).cancellable) throw new Refusal(409, 'This visit can no longer be cancelled.')
    // The platform decides, because the visitor may have checked in a moment ago.
    platform.cancel(visit.id)
    visits.change({ ...visit, status: 'cancelled' })
    context.body = publishVisit(host.id, visit.id)
  })

  router.post('/api/notifications/read', context => {
    notifications.markRead(loggedIn(context).id)
    context.status = 204
  })

  router.get('/api/live', context => {
    const { id } = loggedIn(context)
    // The page sends the newest id that it has read. When the browser reconnects, it sends the last id that it has received.
    const after = context.get('last-event-id') || String(context.query['after'] ?? '')
    const missed = after === '' ? [] : notifications.ofHost(id, Number(after) || 0).toReversed()
    live.listen(
      context,
      id,
      missed.map(data => ({ event: 'notification', id: data.id, data })),
    )
  })
}
