/** Creates a function that decrypts a sealed text once and caches the parsed result. */
export const createOpened = <T>(
  open: (sealed: string) => Promise<string>,
  read: (text: string) => T,
  capacity = 10_000,
): ((sealed: string) => Promise<T>) => {
  const known = new Map<string, Promise<T>>()
  return sealed => {
    let value = known.get(sealed)
    if (value === undefined) {
      const [oldest] = known.keys()
      if (known.size >= capacity && oldest !== undefined) known.delete(oldest)
      value = open(sealed).then(read)
      value.catch(() => known.delete(sealed))
      known.set(sealed, value)
    }
    return value
  }
}
