import type { EpochMs } from './time.ts'

/** Tenant ids are a token of a NATS subject, so their alphabet is small. */
export const tenantIdPattern = '^[a-z0-9-]{1,40}$'

export interface Tenant {
  readonly id: string
  readonly name: string
  readonly createdAt: EpochMs
}

/** What a tenant's token may do. */
export const scopes = [
  'events:write',
  'subscriptions:read',
  'subscriptions:write',
  'deliveries:read',
  'deliveries:write',
  'tokens:write',
] as const
export type Scope = (typeof scopes)[number]

/** A tenant's access token as it is stored: its SHA-256, never itself. */
export interface AccessToken {
  /** Public id of the token, for lists and logs. */
  readonly id: string
  readonly tenant: string
  /** What it is for, in its maker's words. */
  readonly description?: string
  /** Lower-case hex SHA-256 of the token. */
  readonly hash: string
  readonly scopes: readonly Scope[]
  readonly createdAt: EpochMs
  /** Who made it: `operator`, a token's id, or a user. */
  readonly createdBy?: string
  readonly expiresAt: EpochMs | null
  /** About: written once a minute at most. */
  readonly lastUsedAt?: EpochMs
  readonly revokedAt?: EpochMs
}
