import type { ErrorObject } from 'ajv/dist/2020.js'

/**
 * Reduces the errors to the helpful ones. A union (`anyOf`) reports the errors of every branch and of itself; only the errors of the branch that
 * the caller most likely meant are kept, or the possible types when the value matches the type of no branch.
 */
export const helpfulErrors = (errors: readonly ErrorObject[]): readonly ErrorObject[] =>
  errors
    .filter(({ keyword }) => keyword === 'anyOf')
    .reduce((kept, union) => {
      const inside = new Set(kept.filter(error => isInside(error, union)))
      return kept.flatMap(error => (error === union ? meant(union, [...inside]) : inside.has(error) ? [] : [error]))
    }, errors)

const isInside = (error: ErrorObject, union: ErrorObject): boolean =>
  error.schemaPath.startsWith(`${union.schemaPath}/`) &&
  (error.instancePath === union.instancePath || error.instancePath.startsWith(`${union.instancePath}/`))

const meant = (union: ErrorObject, inside: readonly ErrorObject[]): readonly ErrorObject[] => {
  const isOfOtherType = ({ keyword, instancePath }: ErrorObject) =>
    keyword === 'type' && instancePath === union.instancePath
  if (inside.every(isOfOtherType)) {
    const types = [...new Set(inside.map(({ params }) => String(params['type'])))]
    return [{ ...union, message: `must be ${types.join(' or ')}` }]
  }
  const branchOf = ({ schemaPath }: ErrorObject) => schemaPath.slice(union.schemaPath.length + 1).split('/')[0] ?? ''
  const branches = [...Map.groupBy(inside, branchOf).values()]
  // A branch of another type is the least likely, then one that does not know a field, then one with other errors.
  const distance = (error: ErrorObject) =>
    isOfOtherType(error) ? 10_000 : error.keyword === 'additionalProperties' ? 100 : 1
  const distanceOf = (branch: readonly ErrorObject[]) => branch.reduce((sum, error) => sum + distance(error), 0)
  return branches.toSorted((one, other) => distanceOf(one) - distanceOf(other))[0] ?? [union]
}
