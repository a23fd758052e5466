import type { EpochMs } from './time.ts'

/** A tenant id is a token of a NATS subject, so its alphabet is small. */
export const tenantIdPattern = '^[a-z0-9-]{1,40}$'

export interface Tenant {
  readonly id: string
  readonly name: string
  readonly createdAt: EpochMs
}

/** The rights of a tenant's token. */
export const scopes = [
  'events:write',
  'subscriptions:read',
  'subscriptions:write',
  'deliveries:read',
  'deliveries:write',
  'tokens:write',
] as const
export type Scope = (typeof scopes)[number]

/** A tenant's access token as it is stored: only its hash. */
export interface AccessToken {
  /** Public id of the token, for lists and logs. */
  readonly id: string
  readonly tenant: string
  /** What it is for, in the words of its creator. */
  readonly description?: string
  /** Lower-case hex SHA-256 of the token. */
  readonly hash: string
  readonly scopes: readonly Scope[]
  readonly createdAt: EpochMs
  /** Its creator: `operator`, a token's id, or a user. */
  readonly createdBy?: string
  readonly expiresAt: EpochMs | null
  /** Approximate: written at most once a minute. */
  readonly lastUsedAt?: EpochMs
  readonly revokedAt?: EpochMs
}
