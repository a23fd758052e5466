/**
 * Whether lists and objects lie within one another more than `levels` deep. The stack's depth is bounded by `levels` too, so it
 * may be asked of anything that `JSON.parse` returns, which is built without a stack and may be as deep as its text is long.
 */
export const isNestedDeeper = (value: unknown, levels: number): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (levels === 0 || Object.values(value).some(inner => isNestedDeeper(inner, levels - 1)))
