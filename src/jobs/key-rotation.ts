import type { Log } from '../../observability/log.ts'
import { signsSince, usableAt } from '../domain/signing-key.ts'
import { dayMs } from '../domain/time.ts'
import type { KeyRing } from '../signing/key-ring.ts'

export interface KeyRotationParts {
  readonly keyRing: Omit<KeyRing, 'sign' | 'jwks'>
  readonly log: Pick<Log, 'info' | 'warn'>
  readonly now: () => number
}

/** Soon enough that every process publishes a new key before its first use, and stops signing with the old one well before that is dropped. */
const lookEveryMs = 10_000

/** Rotates the signing keys when they are due, and follows the rotations of other processes. Of several processes one rotates. */
export const keepKeys = ({ keyRing, log, now }: KeyRotationParts, rotationDays: number): { stop(): Promise<void> } => {
  let looking: Promise<void> = Promise.resolve()
  const look = async () => {
    await keyRing.refresh()
    await keyRing.forgetRetired()
    if (rotationDays === 0) return
    const next = keyRing.keys().find(({ use }) => use === 'next')
    const dueAt = keyRing.currentSince() + rotationDays * dayMs
    if (dueAt > now() || next === undefined || usableAt(next) > now()) return
    await keyRing.rotate()
    log.info({ ...currentOf(keyRing) }, 'signing key rotated by schedule')
  }
  const timer = setInterval(() => {
    looking = look().catch((error: unknown) =>
      log.warn(
        { err: error, remedy: 'check MongoDB; Doorbell reads the keys again in 10 s' },
        'signing keys could not be read',
      ),
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

const currentOf = (keyRing: Pick<KeyRing, 'keys'>) => {
  const key = keyRing.keys().find(({ use }) => use === 'current')
  return key === undefined ? {} : { kid: key.kid, since: new Date(signsSince(key)).toISOString() }
}
