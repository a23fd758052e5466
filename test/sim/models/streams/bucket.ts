import type { ModelPorts } from '../ports.ts'

interface Entry {
  readonly value: string
  readonly revision: number
  readonly cancel: () => void
}

/** The key-value bucket of the fleet: the server drops a key that was not written for `ttlMs`. */
export interface Bucket {
  put(key: string, value: string): number
  /** Null: the key exists. */
  create(key: string, value: string): number | null
  /** Null: the key's revision is another one. */
  update(key: string, value: string, revision: number): number | null
  /** Removes the key without a trace, unless it was written after this revision. */
  purge(key: string, upTo?: number): void
  get(key: string): { readonly value: string; readonly revision: number } | null
  /** In their order. */
  keys(prefix: string): string[]
}

export const createBucket = ({ after }: ModelPorts, ttlMs: number): Bucket => {
  const entries = new Map<string, Entry>()
  let last = 0
  const write = (key: string, value: string): number => {
    entries.get(key)?.cancel()
    last += 1
    entries.set(key, { value, revision: last, cancel: after(ttlMs, () => void entries.delete(key)) })
    return last
  }
  return {
    put: write,
    create: (key, value) => (entries.has(key) ? null : write(key, value)),
    update: (key, value, revision) => ((entries.get(key)?.revision ?? 0) === revision ? write(key, value) : null),
    purge: (key, upTo = Infinity) => {
      const entry = entries.get(key)
      if (entry === undefined || entry.revision > upTo) return
      entry.cancel()
      entries.delete(key)
    },
    get: key => entries.get(key) ?? null,
    keys: prefix =>
      [...entries.keys()]
        .filter(key => key.startsWith(prefix))
        .map(key => key.slice(prefix.length))
        .toSorted(),
  }
}
