import { signsSince, usableAt } from '../domain/signing-key.ts'
import type { KeyRing } from '../signing/key-ring.ts'

interface Log {
  info(fields: object, text: string): void
  warn(fields: object, text: string): void
}

const dayMs = 24 * 60 * 60_000
/** Soon enough that every process signs with a new key well before the old one is dropped, and publishes it before it is used. */
const lookEveryMs = 10_000

/** Follows what other processes do to the signing keys, and rotates them when their time has come; of several processes one does it. */
export const keepKeys = (
  { keyRing, log, now }: { readonly keyRing: KeyRing; readonly log: Log; readonly now: () => number },
  rotationDays: number,
): { stop(): Promise<void> } => {
  let looking: Promise<void> = Promise.resolve()
  const look = async () => {
    await keyRing.refresh()
    await keyRing.forgetRetired()
    if (rotationDays === 0) return
    const next = keyRing.keys().find(({ use }) => use === 'next')
    const dueAt = keyRing.currentSince() + rotationDays * dayMs
    if (dueAt > now() || next === undefined || usableAt(next) > now()) return
    await keyRing.rotate()
    log.info({ ...current(keyRing) }, 'signing key rotated by schedule')
  }
  const timer = setInterval(() => {
    looking = look().catch((error: unknown) =>
      log.warn({ err: error, remedy: 'check MongoDB; keys are looked at again in 10 s' }, 'signing keys out of reach'),
    )
  }, lookEveryMs)
  timer.unref()
  return {
    stop: async () => {
      clearInterval(timer)
      await looking
    },
  }
}

const current = (keyRing: KeyRing) => {
  const key = keyRing.keys().find(({ use }) => use === 'current')
  return key === undefined ? {} : { kid: key.kid, since: new Date(signsSince(key)).toISOString() }
}
