/** How long a tenant's data is kept, counted from the moment an event was accepted. */
export interface Retention {
  /** For content: events, bodies, receivers' answers. */
  readonly payloadDays: number
  /** For the delivery log without content. Not shorter than `payloadDays`. */
  readonly logDays: number
}

/** The tenant's own settings; the rest follows the operator's settings. */
export type OwnRetention = { readonly [Name in keyof Retention]?: number | undefined }

/** The bounds of both settings. */
export const retentionBounds = {
  payloadDays: { minimum: 1, maximum: 30 },
  logDays: { minimum: 1, maximum: 365 },
} as const

/** Returns the retention in force for a tenant: the log outlives the content. */
export const retentionInForce = (own: OwnRetention, defaults: Retention): Retention => {
  const payloadDays = own.payloadDays ?? defaults.payloadDays
  return { payloadDays, logDays: Math.max(payloadDays, own.logDays ?? defaults.logDays) }
}
