import { type TSchema, Type } from 'typebox'
import { Failure } from '../../domain/failure.ts'
import { closed, either, text } from '../http/wire.ts'

export const defaultLimit = 50

/** The parameters of every list. */
export const pageQuery = {
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 200, description: `Entries per page. Default: ${defaultLimit}` }),
  ),
  cursor: Type.Optional(Type.String({ maxLength: 1_000, description: '`next` of the previous page' })),
}
export interface PageQuery {
  readonly limit?: number
  readonly cursor?: string
}

export const pageAnswer = <Item extends TSchema>(items: Item) =>
  Type.Object(
    { items: Type.Array(items), next: either(text('The `cursor` of the next page; null on the last page')) },
    closed,
  )

/** The answer of a list that is never longer than one page. */
export const wholeAnswer = <Item extends TSchema>(items: Item) =>
  Type.Object({ items: Type.Array(items), next: Type.Null({ description: 'All are on this page' }) }, closed)

/** A list as its handler reads it: where a page begins, and how entries are found. */
interface List<Item, Place> {
  readonly isPlace: (value: unknown) => value is Place
  readonly placeOf: (item: Item) => Place
  /** `after`: the place of the last entry of the previous page. */
  readonly find: (page: { readonly limit: number; readonly after: Place | undefined }) => Promise<readonly Item[]>
}

/** Reads one page of a list. Throws Failure `invalid_request` for a cursor of another list. */
export const readPage = async <Item, Place>(
  { limit = defaultLimit, cursor }: PageQuery,
  { isPlace, placeOf, find }: List<Item, Place>,
): Promise<{ readonly items: readonly Item[]; readonly next: string | null }> => {
  // One entry more than the page holds shows whether there is a next one.
  const found = await find({ limit: limit + 1, after: readCursor(cursor, isPlace) })
  const items = found.slice(0, limit)
  const last = items.at(-1)
  return { items, next: found.length > limit && last !== undefined ? writeCursor(placeOf(last)) : null }
}

/** For a list in the order of its ids. */
export const byId = {
  isPlace: (value: unknown): value is string => typeof value === 'string',
  placeOf: ({ id }: { readonly id: string }): string => id,
}

/** A place in a list as an opaque text for `?cursor=`. */
export const writeCursor = (place: unknown): string => Buffer.from(JSON.stringify(place)).toString('base64url')

/** The place of a cursor that `writeCursor` made; undefined without a cursor. */
export const readCursor = <Place>(
  cursor: string | undefined,
  isPlace: (value: unknown) => value is Place,
): Place | undefined => {
  if (cursor === undefined) return undefined
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
    if (isPlace(value)) return value
  } catch {
    // A text that is not JSON gets the same answer as a cursor of another list.
  }
  throw new Failure('invalid_request', 'The cursor is not from this list. Start without a cursor.')
}
