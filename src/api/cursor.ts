import { Failure } from '../domain/failure.ts'

const defaultLimit = 50
const maxLimit = 200

/** `?limit=`: how many entries a page has. */
export const readLimit = (text: string | undefined): number => {
  if (text === undefined) return defaultLimit
  const limit = Number(text)
  if (!Number.isInteger(limit) || limit < 1 || limit > maxLimit)
    throw new Failure('invalid_request', `limit must be a whole number from 1 to ${maxLimit}.`)
  return limit
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
