import { setImmediate } from 'node:timers/promises'

/** One call of a port: its path, e.g. `ledger.audit.begin`, and its arguments. */
export type PortCall = readonly [path: string, ...args: unknown[]]

export interface FakePorts<T> {
  readonly ports: T
  /** All calls in order, without those of `log` and `metrics`. */
  readonly calls: readonly PortCall[]
  /** The calls of `log`: level, fields, message. */
  readonly lines: readonly PortCall[]
  /** The calls of `metrics`. */
  readonly counts: readonly PortCall[]
  /** Runs work of one step after the other, and throws when a step did not wait for the previous one, or the work for its last step. */
  inOrder<R>(work: () => Promise<R>): Promise<R>
  /** The path of a port that was passed on as it is; undefined for any other value. */
  pathOf(value: unknown): string | undefined
}

/**
 * Ports of which any may be called: each call is recorded, and resolves to undefined a turn of the event loop later. `answers` has what a
 * path returns instead, if it is a function, and otherwise what it is. `log`, `metrics` and `wake` return at once.
 */
export const fakePorts = <T>(answers: Readonly<Record<string, unknown>> = {}): FakePorts<T> => {
  const recorded = { calls: [] as PortCall[], lines: [] as PortCall[], counts: [] as PortCall[] }
  const [nodes, paths] = [new Map<string, unknown>(), new WeakMap<object, string>()]
  const [underWay, faults] = [new Map<object, string>(), [] as string[]]

  const track = async (path: string, result: Promise<unknown>): Promise<unknown> => {
    const key = {}
    for (const other of underWay.values()) faults.push(`${path} began before ${other} had ended`)
    underWay.set(key, path)
    try {
      return await result
    } finally {
      await setImmediate()
      underWay.delete(key)
    }
  }
  const call = (path: string, answer: unknown, args: readonly unknown[]): unknown => {
    const [root = ''] = path.split('.')
    if (root === 'log') recorded.lines.push([path.slice('log.'.length), ...args])
    else if (root === 'metrics') recorded.counts.push([path.slice('metrics.'.length), ...args])
    else recorded.calls.push([path, ...args])
    const atOnce = root === 'log' || root === 'metrics' || path.endsWith('wake')
    const result: unknown =
      typeof answer === 'function' ? answer(...args) : atOnce ? undefined : Promise.resolve(undefined)
    return result instanceof Promise ? track(path, result) : result
  }
  const portAt = (path: string): unknown => {
    const answer = answers[path]
    if (path in answers && typeof answer !== 'function') return answer
    if (nodes.has(path)) return nodes.get(path)
    const node = new Proxy(() => undefined, {
      apply: (_, __, args: unknown[]) => call(path, answer, args),
      get: (_, name) =>
        typeof name === 'symbol' || name === 'then' ? undefined : portAt(path === '' ? name : `${path}.${name}`),
    })
    nodes.set(path, node)
    paths.set(node, path)
    return node
  }
  return {
    ports: portAt('') as T,
    ...recorded,
    inOrder: async work => {
      const result = await work()
      for (const path of underWay.values()) faults.push(`the work ended before ${path} had ended`)
      if (faults.length > 0) throw new Error(faults.join('; '))
      return result
    },
    pathOf: value => (typeof value === 'object' || typeof value === 'function' ? paths.get(value ?? {}) : undefined),
  }
}
