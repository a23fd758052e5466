import { type Scope, scopes } from './tenant.ts'

/** The authenticated caller. `id` may appear in logs: it is never a name or an address. */
export type Principal =
  | { readonly kind: 'operator'; readonly id: string }
  /** A tenant's token, or a user of the portal's identity provider. */
  | { readonly kind: 'token' | 'user'; readonly id: string; readonly tenant: string; readonly scopes: readonly Scope[] }

/** The rights of a portal user, by the role that the identity provider assigns. */
export const roles: Readonly<Record<'admin' | 'viewer', readonly Scope[]>> = {
  admin: scopes.filter(scope => scope !== 'events:write'),
  viewer: ['subscriptions:read', 'deliveries:read'],
}
