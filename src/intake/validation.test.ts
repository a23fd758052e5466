import test from 'ava'
import { Type } from 'typebox'
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

test('pointers are escaped as in RFC 6901, and at most ten faults are reported', t => {
  const strict = compileCheck(Type.Object({}, { additionalProperties: false }))
  t.is(strict({ 'a/b~c': 1 })[0]?.pointer, '/a~1b~0c')
  t.is(strict(Object.fromEntries(Array.from({ length: 50 }, (_, n) => [n, n]))).length, 10)
})
