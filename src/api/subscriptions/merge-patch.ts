const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** JSON Merge Patch (RFC 7396 §2): null removes, objects merge, anything else replaces. */
export const mergePatch = (target: unknown, patch: unknown): unknown => {
  if (!isObject(patch)) return patch
  const merged = new Map(isObject(target) ? Object.entries(target) : [])
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) merged.delete(name)
    else if (name === 'retry' && isOtherForm(merged.get(name), value)) merged.set(name, mergePatch({}, value))
    else merged.set(name, mergePatch(merged.get(name), value))
  }
  return Object.fromEntries(merged)
}

/** A retry policy replaces one of the other form, as their fields exclude each other: the only departure from the RFC. */
const isOtherForm = (target: unknown, patch: unknown): boolean =>
  isObject(target) && isObject(patch) && 'delaysMs' in target !== 'delaysMs' in patch
