import { LRUCache } from 'lru-cache'
import type { EpochMs } from '../../domain/time.ts'

const noteEveryMs = 60_000
const most = 10_000

/** Notes when a token is used, at most once a minute. The request does not wait for the note, and a note that fails is dropped. */
export const noteUses = (
  used: (id: string, at: EpochMs) => Promise<void>,
  now: () => EpochMs,
): ((tokenId: string) => void) => {
  const noted = new LRUCache<string, true>({ max: most, ttl: noteEveryMs, ttlResolution: 0, perf: { now } })
  return tokenId => {
    if (noted.has(tokenId)) return
    noted.set(tokenId, true)
    used(tokenId, now()).catch(() => undefined)
  }
}
