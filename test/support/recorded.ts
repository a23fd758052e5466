/** One call of a dependency: its name, e.g. `subscriptions.get`, and its arguments. */
export type RecordedCall = readonly [name: string, ...args: unknown[]]

type Work = (...args: unknown[]) => unknown
const isWork = (value: unknown): value is Work => typeof value === 'function'
const isGroup = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype

/** The same dependencies; each call of one of them is added to `calls`, and done by the one of this name in `instead` if there is one. */
export const recorded = <T extends object>(
  dependencies: T,
  calls: RecordedCall[],
  instead: () => object = () => ({}),
  at: readonly string[] = [],
): T =>
  Object.fromEntries(
    Object.entries(dependencies).map(([name, value]: [string, unknown]) => {
      const path = [...at, name]
      if (isGroup(value)) return [name, recorded(value, calls, instead, path)]
      if (!isWork(value)) return [name, value]
      const work = (...args: unknown[]) => {
        calls.push([path.join('.'), ...args])
        const other = path.reduce<unknown>(
          (found, step) => (found as Record<string, unknown> | undefined)?.[step],
          instead(),
        )
        return (isWork(other) ? other : value)(...args)
      }
      return [name, work]
    }),
  ) as T
