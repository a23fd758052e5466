import type { EpochMs } from '../../src/domain/time.ts'

/** A token bucket: each attempt takes one token, and tokens return at the customer's rate. */
export interface TokenBucket {
  readonly tokens: number
  readonly at: EpochMs
}

export const fullBucket: TokenBucket = { tokens: Infinity, at: 0 }

/** The tokens of a tenth of a second: any second has at most 1.1 times the rate, and a late timer loses nothing. */
const capacity = (perSecond: number): number => Math.max(1, perSecond / 10)

/** Returns the bucket at this moment. Without a rate it is never empty. */
export const refill = ({ tokens, at }: TokenBucket, perSecond: number | undefined, now: EpochMs): TokenBucket =>
  perSecond === undefined
    ? fullBucket
    : { tokens: Math.min(capacity(perSecond), tokens + (Math.max(0, now - at) * perSecond) / 1_000), at: now }

/** A token may lack a thousandth, because sums of fractions would otherwise delay it beyond its millisecond. */
export const hasToken = ({ tokens }: TokenBucket): boolean => tokens >= 0.999

export const spend = (bucket: TokenBucket): TokenBucket =>
  bucket === fullBucket ? bucket : { tokens: bucket.tokens - 1, at: bucket.at }

/** Returns when the next token is available; null without a rate. */
export const nextTokenAt = ({ tokens, at }: TokenBucket, perSecond: number | undefined): EpochMs | null =>
  perSecond === undefined ? null : at + Math.max(1, Math.ceil(((1 - tokens) * 1_000) / perSecond))
