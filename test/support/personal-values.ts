/** Personal values that the samples and the tests use, and what such values look like. None may be in a log line, a span or a metric. */
const people = [
  'Anna',
  'Annabella',
  'Jansen',
  'Jansen-Smit',
  'Tom Peeters',
  'Example BV',
  'Smit Advies',
  'Bobby',
  'Verlinden',
]

/** Any e-mail address, and any phone number in international form. */
const looks = [/[\w.+-]+@(?:[\w-]+\.)+[a-z]{2,}/u, /\+\d{2}[\s\d]{7,}\d/u]

const fields = new Set(['firstName', 'lastName', 'name', 'email', 'phone', 'company'])

/** Values of people in an event that a test posted: so that no list has to be kept complete. */
export const personalValuesIn = (value: unknown): string[] => {
  if (typeof value !== 'object' || value === null) return []
  const own = Object.entries(value).flatMap(([key, inner]) =>
    fields.has(key) && typeof inner === 'string' && isTelling(inner) ? [inner] : personalValuesIn(inner),
  )
  return [...new Set(own)]
}

/** Whether a value is long enough, and written as names are, so that it cannot be a word of a log line. */
const isTelling = (value: string): boolean => value.length <= 200 && /^\p{Lu}[\p{L}' -]{3,}$/u.test(value)

/** Returns a search for personal values: it returns the first one in a text, or null. */
export const createPersonalSearch = (posted: Iterable<string>): ((text: string) => string | null) => {
  const names = [...new Set([...people, ...posted])].toSorted((a, b) => b.length - a.length)
  const words = names.map(name => RegExp.escape(name)).join('|')
  const search = new RegExp(`(?<![\\p{L}\\d])(?:${words})(?![\\p{L}\\d])`, 'u')
  return text => [search, ...looks].map(each => each.exec(text)?.[0]).find(found => found !== undefined) ?? null
}
