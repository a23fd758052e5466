import type { IdempotencyDeps } from '../../src/api/operation/idempotency.ts'

/** Keys of requests in memory, with the meaning that the ledger gives them. */
export const fakeIdempotency = () => {
  const requests = new Map<string, { readonly fingerprint: string; readonly at: number; answer?: string }>()
  const store: IdempotencyDeps['idempotency'] = {
    begin: async (id, fingerprint, now) => {
      const found = requests.get(id)
      if (found === undefined) {
        requests.set(id, { fingerprint, at: now })
        return { state: 'ours', at: now, isRepeated: false }
      }
      if (found.fingerprint !== fingerprint) return { state: 'another' }
      return found.answer === undefined
        ? { state: 'under_way', at: found.at }
        : { state: 'answered', answer: found.answer }
    },
    finish: async (id, answer) => {
      const found = requests.get(id)
      if (found !== undefined) found.answer = answer
    },
    forget: async id => void requests.delete(id),
  }
  return { ...store, requests }
}
