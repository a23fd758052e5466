import type { ComponentType } from 'preact'
import type { Scope } from './api/shapes.ts'
import type { IconName } from './parts/icon.ts'
import { tellRoutes } from './known-routes.ts'
import { matchPath } from './router.ts'
import { AuditList } from './views/audit/audit-list.ts'
import { DeliveryList } from './views/deliveries/delivery-list.ts'
import { DeliveryView } from './views/deliveries/delivery-view.ts'
import { EventView } from './views/events/event-view.ts'
import { KeyList } from './views/keys/key-list.ts'
import { Privacy } from './views/privacy/privacy.ts'
import { ReplayCreate } from './views/replays/replay-create.ts'
import { ReplayList } from './views/replays/replay-list.ts'
import { ReplayView } from './views/replays/replay-view.ts'
import { SubscriptionCreate } from './views/subscriptions/subscription-create.ts'
import { SubscriptionEdit } from './views/subscriptions/subscription-edit.ts'
import { SubscriptionList } from './views/subscriptions/subscription-list.ts'
import { SubscriptionView } from './views/subscriptions/subscription-view.ts'
import { TokenList } from './views/tokens/token-list.ts'

/** A view gets the parameters of its path as `params`. */
export type View = ComponentType<{ params: Readonly<Record<string, string>> }>

export interface Route {
  /** `/deliveries/:id`; the first that fits is shown. */
  readonly path: string
  readonly view: View
  /** Its entry in the navigation. A path below it, e.g. `/deliveries/:id`, marks the same entry. */
  readonly nav?: { readonly label: string; readonly icon: IconName }
  /** Who sees it; the operator sees everything. */
  readonly scope: Scope | 'operator'
}

/** Every view, in the order of the navigation. */
export const routes: readonly Route[] = [
  {
    path: '/subscriptions',
    view: SubscriptionList,
    nav: { label: 'Subscriptions', icon: 'subscriptions' },
    scope: 'subscriptions:read',
  },
  { path: '/subscriptions/new', view: SubscriptionCreate, scope: 'subscriptions:write' },
  { path: '/subscriptions/:id', view: SubscriptionView, scope: 'subscriptions:read' },
  { path: '/subscriptions/:id/edit', view: SubscriptionEdit, scope: 'subscriptions:write' },
  {
    path: '/deliveries',
    view: DeliveryList,
    nav: { label: 'Deliveries', icon: 'deliveries' },
    scope: 'deliveries:read',
  },
  { path: '/deliveries/:id', view: DeliveryView, scope: 'deliveries:read' },
  { path: '/deliveries/events/:id', view: EventView, scope: 'deliveries:read' },
  { path: '/replays', view: ReplayList, nav: { label: 'Replays', icon: 'replays' }, scope: 'deliveries:read' },
  { path: '/replays/new', view: ReplayCreate, scope: 'deliveries:write' },
  { path: '/replays/:id', view: ReplayView, scope: 'deliveries:read' },
  { path: '/keys', view: KeyList, nav: { label: 'Keys', icon: 'keys' }, scope: 'subscriptions:read' },
  { path: '/tokens', view: TokenList, nav: { label: 'Tokens', icon: 'tokens' }, scope: 'tokens:write' },
  { path: '/audit', view: AuditList, nav: { label: 'Audit', icon: 'audit' }, scope: 'subscriptions:read' },
  { path: '/privacy', view: Privacy, nav: { label: 'Privacy', icon: 'shield' }, scope: 'deliveries:read' },
]

tellRoutes(routes.map(({ path }) => path))

export const routeOf = (path: string): { route: Route; params: Readonly<Record<string, string>> } | null => {
  for (const route of routes) {
    const params = matchPath(route.path, path)
    if (params !== null) return { route, params }
  }
  return null
}
