import { parse } from 'node:querystring'
import test from 'ava'
import { Type } from 'typebox'
import type { Operation } from './operation.ts'
import { readQuery } from './query.ts'

const closed = { additionalProperties: false }
const schema = Type.Object(
  {
    name: Type.Optional(Type.String({ maxLength: 3 })),
    count: Type.Optional(Type.Integer({ minimum: 0 })),
    share: Type.Optional(Type.Number()),
    all: Type.Optional(Type.Boolean()),
  },
  closed,
)

/** What the handler finds, or the refusal. */
const read = async (querystring: string, query: Operation['query'] = schema): Promise<unknown> => {
  const state: { query?: unknown } = {}
  const context = { state, querystring, query: parse(querystring) }
  try {
    await readQuery({ query } as Operation)(context as never, async () => undefined)
  } catch (error) {
    return (error as Error).message
  }
  return state.query
}

test('each parameter of a query is read as its type', async t => {
  t.deepEqual(await read(''), {})
  t.deepEqual(await read('name=7&count=12&share=-1.5&all=true'), { name: '7', count: 12, share: -1.5, all: true })
  t.deepEqual(await read('all=false&share=2'), { all: false, share: 2 })
})

test('a parameter that is unknown, repeated, empty or out of its range is refused by name', async t => {
  const known = 'Known: name, count, share, all.'
  for (const [querystring, message] of [
    ['nam=x', `The query has an unknown parameter "nam". ${known}`],
    ['toString=x', `The query has an unknown parameter "toString". ${known}`],
    [`${'n'.repeat(61)}=x`, `The query has an unknown parameter "${'n'.repeat(60)}". ${known}`],
    ['name=a&name=b', 'The query has name more than once.'],
    ['name=', 'The query’s name is empty: give it a value, or leave it out.'],
    ['name=four', 'The query’s name must NOT have more than 3 characters.'],
    ['count=-1', 'The query’s count must be >= 0.'],
    ['count=1.5', 'The query’s count must be integer.'],
    ['count=1e3', 'The query’s count must be integer.'],
    ['count=x12', 'The query’s count must be integer.'],
    ['all=yes', 'The query’s all must be boolean.'],
  ] as const)
    t.is(await read(querystring), message)
})

test('a plus sign that was not encoded is explained', async t => {
  const at = Type.Object({ from: Type.Optional(Type.String({ format: 'date-time' })) }, closed)
  t.deepEqual(await read('from=2026-03-02T08:00:00%2B01:00', at), { from: '2026-03-02T08:00:00+01:00' })
  t.regex(
    String(await read('from=2026-03-02T08:00:00+01:00', at)),
    /^The query’s from .*\. In a query a \+ means a space: write it as %2B\.$/,
  )
  t.notRegex(String(await read('from=yesterday', at)), /%2B/)
})

test('a required parameter must be there, and a call that takes no query says so', async t => {
  t.is(await read('', Type.Object({ name: Type.String() }, closed)), 'The query’s name is required.')
  const state = { query: undefined }
  await readQuery({} as Operation)({ state, querystring: '', query: {} } as never, async () => undefined)
  t.deepEqual(state.query as unknown, {})
  const refused = async () =>
    readQuery({} as Operation)({ state, querystring: 'a=b', query: { a: 'b' } } as never, async () => undefined)
  await t.throwsAsync(refused, { message: 'This call takes no query: remove "a".', code: 'invalid_request' })
})
