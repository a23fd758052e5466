/** One call of a dependency: its name, e.g. `subscriptions.get`, and its arguments. */
export type RecordedCall = readonly [name: string, ...args: unknown[]]

/** The same dependencies; each call of one of them is added to `calls`. */
export const recorded = <T extends object>(dependencies: T, calls: RecordedCall[], at = ''): T =>
  Object.fromEntries(
    Object.entries(dependencies).map(([name, value]: [string, unknown]) => {
      if (typeof value === 'function')
        return [name, (...args: unknown[]) => (calls.push([at + name, ...args]), value(...args) as unknown)]
      const isGroup = typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
      return [name, isGroup ? recorded(value, calls, `${at}${name}.`) : value]
    }),
  ) as T
