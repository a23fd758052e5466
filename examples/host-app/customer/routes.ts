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
  /** The platform's own API: plan a visit, cancel a visit. */
  readonly platform: Pick<Platform, 'plan' | 'cancel'>
}

/** What the app's page asks. */
export const customerRoutes = (router: Router, { sessions, visits, notifications, live, platform }: Parts): void => {
  const known = (context: Context): Host => {
    const host = sessions.host(context)
    if (host === null) throw new Refusal(401, 'Log in first.')
    return host
  }
  const tellVisit = (hostId: string, id: string) => {
    const visit = visits.get(id)
    if (visit === null) throw new Refusal(404, 'There is no such visit.')
    const data = showVisit(visit)
    live.tell(hostId, { event: 'visit', data })
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
    const { id } = known(context)
    context.body = {
      contacts,
      visits: visits.ofHost(id).map(showVisit),
      notifications: notifications.ofHost(id),
    }
  })

  router.post('/api/visits', async context => {
    const host = known(context)
    const { contactId, scheduledAt } = readInvitation(await readJson(context), Date.now())
    const visitor = contactOf(contactId)
    if (visitor === undefined) throw new Refusal(404, 'There is no such contact.')
    const { id } = platform.plan({ visitor, host: { id: host.id, name: host.name }, scheduledAt })
    visits.add({ id, hostId: host.id, contactId, scheduledAt })
    context.status = 201
    context.body = tellVisit(host.id, id)
  })

  router.post('/api/visits/:id/cancel', context => {
    const host = known(context)
    const visit = visits.get(context.params['id'] ?? '')
    if (visit === null || visit.hostId !== host.id) throw new Refusal(404, 'There is no such visit.')
    if (!showVisit(visit).cancellable) throw new Refusal(409, 'This visit cannot be cancelled any more.')
    // The platform decides: the visitor may have checked in a moment ago.
    platform.cancel(visit.id)
    visits.change({ ...visit, status: 'cancelled' })
    context.body = tellVisit(host.id, visit.id)
  })

  router.post('/api/notifications/read', context => {
    notifications.markRead(known(context).id)
    context.status = 204
  })

  router.get('/api/live', context => {
    const { id } = known(context)
    // The page says which was the newest that it read, and the browser, when it connects again, which was the last that came.
    const after = context.get('last-event-id') || String(context.query['after'] ?? '')
    const missed = after === '' ? [] : notifications.ofHost(id, Number(after) || 0).toReversed()
    live.listen(
      context,
      id,
      missed.map(data => ({ event: 'notification', id: data.id, data })),
    )
  })
}
