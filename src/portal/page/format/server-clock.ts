/** How far the server's clock is ahead of this machine's, ms. */
let aheadMs = 0
/** A Date header has whole seconds, and the answer takes time to arrive: a smaller difference is none. */
const noticedMs = 2_000

/** The server's time in epoch ms: what it stored is compared with it, and not with this machine's clock. */
export const serverNow = (): number => Date.now() + aheadMs

/** Reads the server's time from an answer. Its `Date` header is from when the answer began. */
export const noteServerTime = (date: string | null, receivedAt: number = Date.now()): void => {
  const differenceMs = Date.parse(date ?? '') - receivedAt
  if (Number.isNaN(differenceMs)) return
  aheadMs = Math.abs(differenceMs) < noticedMs ? 0 : differenceMs
}
