/** Doorbell's own messages among a tenant's events: they order its work, and are no events. No event type of the catalogue begins like this. */
const controlPrefix = 'doorbell.'
/** All of their types, as the end of a NATS subject. */
export const controlTypes = `${controlPrefix}>`

export const isControl = (type: string): boolean => type.startsWith(controlPrefix)

/** Reports that a subscription was changed before this message was stored. */
export const configuredType = 'doorbell.configured'
/** Marks a place: every event with a higher sequence is accepted later. */
export const markType = 'doorbell.mark'

/** The version of a subscription that is in force from here on; null: it was deleted. */
export interface Configured {
  readonly id: string
  readonly version: number | null
}

export const writeConfigured = ({ id, version }: Configured): string => JSON.stringify({ id, version })

/** Null for anything else, also for bytes that are no text: other publishers may write to the stream as well. */
export const readConfigured = (text: () => string): Configured | null => {
  try {
    const { id, version } = JSON.parse(text()) as { readonly id?: unknown; readonly version?: unknown }
    const isVersion = version === null || Number.isSafeInteger(version)
    return typeof id === 'string' && isVersion ? { id, version: version as number | null } : null
  } catch {
    return null
  }
}
