import test from 'ava'
import { byId, readCursor, readPage, writeCursor } from './page.ts'

const all = Array.from({ length: 120 }, (_, index) => ({ id: `id-${String(index).padStart(3, '0')}` }))
const find = async ({ limit, after }: { limit: number; after: string | undefined }) =>
  all.filter(({ id }) => after === undefined || id > after).slice(0, limit)

test('pages follow each other without a gap or a repeat, and the last one has no next: no cursor leads to an empty page', async t => {
  for (const limit of [1, 7, 40, 60, 119, 120, 121]) {
    const seen: string[] = []
    const pages: number[] = []
    let cursor: string | undefined
    do {
      const { items, next } = await readPage({ limit, ...(cursor !== undefined && { cursor }) }, { ...byId, find })
      seen.push(...items.map(({ id }) => id))
      pages.push(items.length)
      cursor = next ?? undefined
    } while (cursor !== undefined)
    t.deepEqual(
      seen,
      all.map(({ id }) => id),
    )
    t.is(pages.length, Math.ceil(all.length / limit))
    t.false(pages.includes(0))
  }
})

test('a page has 50 entries unless the query says otherwise, and an empty list has no next page', async t => {
  t.is((await readPage({}, { ...byId, find })).items.length, 50)
  t.deepEqual(await readPage({}, { ...byId, find: async () => [] }), { items: [], next: null })
})

test('a cursor of another list, and a text that is none, are refused', t => {
  t.is(readCursor(undefined, byId.isPlace), undefined)
  t.is(readCursor(writeCursor('id-1'), byId.isPlace), 'id-1')
  for (const cursor of [writeCursor({ id: 'id-1' }), writeCursor(7), 'no-json', ''])
    t.throws(() => readCursor(cursor, byId.isPlace), {
      code: 'invalid_request',
      message: 'The cursor is not from this list. Start without a cursor.',
    })
})
