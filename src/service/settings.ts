import type { Settings } from '../../config/settings.ts'
import type { Retention } from '../domain/retention.ts'

/** Settings with the servers, token and key that the user may leave out. */
export interface ServiceSettings extends Settings {
  readonly natsUrl: string
  readonly mongodbUrl: string
  readonly adminToken: string
  readonly encryptionKey: Uint8Array
  /** For tests: the name of a database and a stream of their own. */
  readonly database?: string
}

/** Returns how long data is kept for tenants that set nothing of their own. */
export const retentionOf = (settings: Settings): Retention => ({
  payloadDays: settings.payloadRetentionDays,
  logDays: settings.logRetentionDays,
})
