import type { ErrorObject } from 'ajv/dist/2020.js'

/**
 * The errors that help. A union (`anyOf`) reports the errors of every branch and then itself; what helps is the branch that the
 * caller most likely meant, or the types to choose from when no branch has that type at all.
 */
export const tellingOf = (errors: readonly ErrorObject[]): readonly ErrorObject[] =>
  errors
    .filter(({ keyword }) => keyword === 'anyOf')
    .reduce((telling, union) => {
      const inside = new Set(telling.filter(error => isInside(error, union)))
      return telling.flatMap(error => (error === union ? meant(union, [...inside]) : inside.has(error) ? [] : [error]))
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
  const branches = Object.values(Object.groupBy(inside, branchOf)).filter(branch => branch !== undefined)
  // Another type says most against a branch, then a field that it does not know, then whatever else is wrong.
  const distance = (error: ErrorObject) =>
    isOfOtherType(error) ? 10_000 : error.keyword === 'additionalProperties' ? 100 : 1
  const distanceOf = (branch: readonly ErrorObject[]) => branch.reduce((sum, error) => sum + distance(error), 0)
  return branches.toSorted((one, other) => distanceOf(one) - distanceOf(other))[0] ?? [union]
}
