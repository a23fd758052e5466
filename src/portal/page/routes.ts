import type { ComponentType } from 'preact'
import type { Scope } from './api/shapes.ts'
import type { IconName } from './parts/icon.ts'
import { matchPath, type ViewProps } from './router.ts'
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

export type View = ComponentType<ViewProps>

export interface Route {
  /** `/deliveries/:id`. The first route that matches is shown. */
  readonly path: string
  readonly view: View
  /** The navigation entry. It is also marked as current for paths below, e.g. `/deliveries/:id`. */
  readonly nav?: { readonly label: string; readonly icon: IconName }
  /** The scope that a token needs to see the view. The operator sees every view. */
  readonly scope: Scope | 'operator'
}

/** All views, in the order of the navigation. */
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

export const routeOf = (path: string): { route: Route; params: Readonly<Record<string, string>> } | null => {
  for (const route of routes) {
    const params = matchPath(route.path, path)
    if (params !== null) return { route, params }
  }
  return null
}
