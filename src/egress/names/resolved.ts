export interface Resolved {
  readonly address: string
  readonly family: number
  /** How long the answer may be used, as its DNS record says; absent: not stated. */
  readonly ttlMs?: number
}

/** Returns all addresses of a name, from one look-up. */
export type ResolveAll = (host: string) => Promise<readonly Resolved[]>
