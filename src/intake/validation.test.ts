import test from 'ava'
import { type TProperties, Type } from 'typebox'
import { compileCheck } from './validation.ts'

const list = Type.Object({ delaysMs: Type.Array(Type.Integer({ minimum: 100 })) }, { additionalProperties: false })
const growth = Type.Object(
  { factor: Type.Number({ minimum: 1 }), attempts: Type.Integer(), first: Type.Integer() },
  { additionalProperties: false },
)
const check = compileCheck(
  Type.Object({
    retry: Type.Optional(Type.Union([growth, list])),
    values: Type.Optional(Type.Array(Type.Union([Type.String({ maxLength: 3 }), Type.Number()]))),
  }),
  '/data',
)

for (const [value, reported] of [
  [{ retry: { delaysMs: [1] } }, ['/data/retry/delaysMs/0 must be >= 100']],
  [{ retry: { factor: 2, first: 1 } }, ['/data/retry/attempts is required']],
  [{ retry: { factor: 0, first: 1, attempts: 1 } }, ['/data/retry/factor must be >= 1']],
  [{ retry: 1 }, ['/data/retry must be object']],
  [{ values: [true] }, ['/data/values/0 must be string or number']],
  [
    { values: ['long', 'ok', 2, null] },
    ['/data/values/0 must NOT have more than 3 characters', '/data/values/3 must be string or number'],
  ],
  [
    { values: ['a', true, 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'long'] },
    ['/data/values/1 must be string or number', '/data/values/10 must NOT have more than 3 characters'],
  ],
] as const)
  test(`of a union, only the faults of the intended branch are reported: ${JSON.stringify(value)}`, t => {
    t.deepEqual(
      check(value).map(({ pointer, detail }) => `${pointer} ${detail}`),
      [...reported],
    )
  })

/** A JSON Schema, a value that it refuses, and what the caller reads. */
const described: readonly [schema: object, value: unknown, reported: readonly string[]][] = [
  [Type.Object({ a: Type.String() }), {}, ['/a is required']],
  [
    Type.Object({}, { additionalProperties: false }),
    { b: 1 },
    ['/b is not a known field: remove it, or correct its name'],
  ],
  [{ enum: ['x', 2] }, 'y', [' must be one of: x, 2']],
  [{ const: 'x' }, 'y', [' must be "x"']],
  [Type.String({ pattern: '^a+$' }), 'b', [' must match ^a+$']],
  [
    Type.String({ format: 'date-time' }),
    'noon',
    [' must be a date-time of RFC 3339, for example 2026-03-02T08:56:12Z'],
  ],
  [
    Type.String({ format: 'date-time' }),
    '2016-12-31T23:59:60Z',
    [' must be a date-time of RFC 3339, for example 2026-03-02T08:56:12Z'],
  ],
  [Type.String({ format: 'email' }), 'anna', [' must be an e-mail address']],
  [Type.String({ format: 'uri' }), 'x', [' must be a uri']],
  [Type.Integer({ minimum: 2 }), 1, [' must be >= 2']],
  [Type.Array(Type.Integer()), [1, 'x', 2, 'y'], ['/1 must be integer', '/3 must be integer']],
  [{ type: ['string', 'null'] }, 1, [' must be string,null']],
]

test('each fault says what to send instead', t => {
  for (const [schema, value, reported] of described) {
    const found = compileCheck(schema)(value).map(({ pointer, detail }) => `${pointer} ${detail}`)
    t.deepEqual(found, reported, JSON.stringify(schema))
  }
  t.deepEqual(compileCheck(Type.Object({ a: Type.String() }), '/data')({}), [
    { pointer: '/data/a', detail: 'is required' },
  ])
  t.deepEqual(compileCheck(Type.String({ format: 'date-time' }))('2026-03-02T08:56:12Z'), [])
})

test('a schema with a keyword that does not exist is refused, so that a typing error checks nothing', t => {
  t.throws(() => compileCheck({ type: 'string', maxlength: 3 }), { message: /unknown keyword/ })
  t.throws(() => compileCheck({ properties: { a: {} } }), { message: /missing type "object"/ })
})

const object = (properties: TProperties) => Type.Object(properties, { additionalProperties: false })
const union = compileCheck(
  object({
    either: Type.Optional(
      Type.Union([
        object({ a: Type.Integer(), b: Type.Integer(), c: Type.Integer() }),
        object({ d: Type.Integer() }),
        Type.Null(),
      ]),
    ),
    other: Type.Optional(Type.Integer()),
  }),
)

test('the intended branch of a union is the one that knows the fields, however many of them are wrong', t => {
  for (const [value, reported] of [
    [
      { either: { a: 'x', b: 'x', c: 'x' } },
      ['/either/a must be integer', '/either/b must be integer', '/either/c must be integer'],
    ],
    [{ either: { d: 'x' } }, ['/either/d must be integer']],
    [{ either: { a: 1, d: 1 } }, ['/either/a is not a known field: remove it, or correct its name']],
    [{ either: 1 }, ['/either must be object or null']],
    [{ either: 1, other: 'x' }, ['/either must be object or null', '/other must be integer']],
    [{ either: { d: 1 }, other: 'x' }, ['/other must be integer']],
  ] as const)
    t.deepEqual(
      union(value)
        .map(({ pointer, detail }) => `${pointer} ${detail}`)
        .toSorted(),
      [...reported],
      JSON.stringify(value),
    )
})

test('pointers are escaped as in RFC 6901, and at most ten faults are reported', t => {
  const strict = compileCheck(Type.Object({}, { additionalProperties: false }))
  t.is(strict({ 'a/b~c/~': 1 })[0]?.pointer, '/a~1b~0c~1~0')
  t.is(strict(Object.fromEntries(Array.from({ length: 50 }, (_, n) => [n, n]))).length, 10)
})
