/** How long a tenant's data is kept, counted from the moment an event was accepted. */
export interface Retention {
  /** What was said: events, bodies, receivers' answers. */
  readonly payloadDays: number
  /** What happened: the delivery log, without any of that. Not shorter than the payload. */
  readonly logDays: number
}

/** What a tenant set itself; the rest follows the operator's settings. */
export type OwnRetention = { readonly [Name in keyof Retention]?: number | undefined }

export const dayMs = 24 * 60 * 60_000

/** Bounds of what an operator or a tenant may set. */
export const retentionBounds = {
  payloadDays: { minimum: 1, maximum: 30 },
  logDays: { minimum: 1, maximum: 365 },
} as const

/** What is in force for a tenant: a log is never forgotten before its payload. */
export const retentionInForce = (own: OwnRetention, defaults: Retention): Retention => {
  const payloadDays = own.payloadDays ?? defaults.payloadDays
  return { payloadDays, logDays: Math.max(payloadDays, own.logDays ?? defaults.logDays) }
}
