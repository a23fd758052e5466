import test from 'ava'
import { Type } from 'typebox'
import { compilePick } from './pick.ts'

const closed = { additionalProperties: false }
const part = Type.Object({ a: Type.String(), b: Type.Optional(Type.Integer()) }, closed)

test('a field that the schema does not name is copied at no depth', t => {
  const pick: (value: unknown) => unknown = compilePick(
    Type.Object(
      {
        one: part,
        many: Type.Array(part),
        maybe: Type.Union([part, Type.Null()]),
        byName: Type.Record(Type.String({ pattern: '^x-' }), Type.Union([part, Type.String()])),
      },
      closed,
    ),
  )
  const stored = { a: 'a', secret: 's' }
  t.deepEqual(
    pick({
      one: stored,
      many: [stored],
      maybe: stored,
      byName: { 'x-1': stored, 'x-2': 'text', other: stored },
      secret: 's',
    }),
    { one: { a: 'a' }, many: [{ a: 'a' }], maybe: { a: 'a' }, byName: { 'x-1': { a: 'a' }, 'x-2': 'text' } },
  )
  t.deepEqual(pick({ maybe: null, many: [] }), { maybe: null, many: [] })
})

test('a value of a union keeps what any member names, and an object in the place of a plain value is emptied', t => {
  const pick: (value: unknown) => unknown = compilePick(
    Type.Union([part, Type.Object({ c: Type.String(), b: Type.Array(part) }, closed)]),
  )
  t.deepEqual(pick({ a: 1, b: [{ a: 'a', secret: 's' }], c: { secret: 's' }, secret: 's' }), {
    a: 1,
    b: [{ a: 'a' }],
    c: {},
  })
})

test('what a schema leaves open is copied whole, and an undefined field is left out', t => {
  const pick: (value: unknown) => unknown = compilePick(
    Type.Object({
      any: Type.Unknown(),
      data: Type.Object({}, { additionalProperties: true }),
      b: Type.Optional(Type.Null()),
    }),
  )
  const value = { any: { deep: [1] }, data: { __proto__: null, deep: { er: 2 } } }
  t.deepEqual(pick({ ...value, b: undefined }), value)
})
