import { randomFillSync } from 'node:crypto'

const store = Buffer.allocUnsafeSlow(4_096)
let used = store.length

/** Random bytes as hexadecimal digits. */
const take = (length: number): string => {
  if (used + length > store.length) {
    randomFillSync(store)
    used = 0
  }
  used += length
  return store.toString('hex', used - length, used)
}

/** Of zeros alone none is valid. */
const valid = (length: number): string => {
  for (;;) {
    const id = take(length)
    if (!/^0+$/.test(id)) return id
  }
}

/** W3C Trace Context, §3.2.2.3 */
export const newTraceId = (): string => valid(16)

/** W3C Trace Context, §3.2.2.4 */
export const newSpanId = (): string => valid(8)
