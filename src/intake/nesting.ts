/**
 * True when lists and objects are nested more than `levels` deep. The recursion stops at `levels`, so it is safe for anything that
 * `JSON.parse` returns, which may be as deep as its text is long.
 */
export const isNestedDeeper = (value: unknown, levels: number): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (levels === 0 || Object.values(value).some(inner => isNestedDeeper(inner, levels - 1)))
