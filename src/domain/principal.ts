import { type Scope, scopes } from './tenant.ts'

/** Who calls. `id` is fit for logs: never a name or an address. */
export type Principal =
  | { readonly kind: 'operator'; readonly id: string }
  /** A tenant's token, or a user whom the portal's identity provider vouches for. */
  | { readonly kind: 'token' | 'user'; readonly id: string; readonly tenant: string; readonly scopes: readonly Scope[] }

/** What a user of the portal may do, by the role that the identity provider gives. */
export const roles: Readonly<Record<'admin' | 'viewer', readonly Scope[]>> = {
  admin: scopes.filter(scope => scope !== 'events:write'),
  viewer: ['subscriptions:read', 'deliveries:read'],
}
