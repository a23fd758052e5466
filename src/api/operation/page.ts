import { Type } from 'typebox'
import { Failure } from '../../domain/failure.ts'

export const defaultLimit = 50

/** The parameters of every list. */
export const pageQuery = {
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 200, description: `Entries of a page. Default: ${defaultLimit}` }),
  ),
  cursor: Type.Optional(Type.String({ maxLength: 1_000, description: '`next` of the page before' })),
}

/** A place in a list as an opaque text for `?cursor=`. */
export const writeCursor = (place: unknown): string => Buffer.from(JSON.stringify(place)).toString('base64url')

/** The place of a cursor that `writeCursor` made, if `isPlace` knows it; undefined without a cursor. */
export const readCursor = <T>(text: string | undefined, isPlace: (value: unknown) => value is T): T | undefined => {
  if (text === undefined) return undefined
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))
    if (isPlace(value)) return value
  } catch {
    // Falls through to the same answer: the cursor is not ours.
  }
  throw new Failure('invalid_request', 'The cursor is not one that this list gave. Begin without a cursor.')
}

/** Of one entry more than a page holds: the page, and the cursor of the next one, null at the end. */
export const pageOf = <T>(found: readonly T[], limit: number, placeOf: (last: T) => unknown) => {
  const items = found.slice(0, limit)
  const last = items.at(-1)
  return { items, next: found.length > limit && last !== undefined ? writeCursor(placeOf(last)) : null }
}
