import { setTimeout } from 'node:timers/promises'

/** Resolves after this time, or as soon as the signal is aborted, and leaves no timer behind. */
export type Wait = (delayMs: number, signal: AbortSignal) => Promise<void>

export const wait: Wait = (delayMs, signal) => setTimeout(delayMs, undefined, { signal }).catch(() => undefined)
