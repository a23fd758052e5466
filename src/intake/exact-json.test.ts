import test from 'ava'
import fc from 'fast-check'
import { asWritten, duplicateNames, parseExactly } from './exact-json.ts'

const written = (text: string) => JSON.stringify(asWritten(parseExactly(text) as object))

/** Numbers as JSON's grammar has them (RFC 8259 §6). */
const number = fc.oneof(
  fc.stringMatching(/^-?(0|[1-9]\d{0,24})(\.\d{1,20})?([eE][+-]?\d{1,3})?$/),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.constantFrom('-0', '0', '1.0', '1.50', '1e400', '9007199254740993', '12345678901234567890', '0.0000001', '-0.0'),
)
const name = fc.oneof(fc.string({ maxLength: 4 }), fc.constantFrom('__proto__', 'rawJSON', '":', 'a/b', '~'))

/** A JSON text without spaces, as it is written again. Names of whole numbers would be put in order first. */
const { text } = fc.letrec<{ text: string }>(tie => ({
  text: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    number,
    fc.string().map(value => JSON.stringify(value)),
    fc.constantFrom('true', 'null', '[]', '{}'),
    fc.array(tie('text'), { maxLength: 4 }).map(items => `[${items.join(',')}]`),
    fc
      .uniqueArray(fc.tuple(name, tie('text')), { maxLength: 4, selector: ([key]) => key })
      .map(entries => entries.filter(([key]) => !/^\d+$/.test(key)))
      .map(entries => `{${entries.map(([key, value]) => `${JSON.stringify(key)}:${value}`).join(',')}}`),
  ),
}))

test('each value is written as it was read, to the last digit', t => {
  fc.assert(
    fc.property(text, value => {
      const document = `{"data":[${value}]}`
      t.is(written(document), document)
    }),
    { numRuns: 500 },
  )
})

test('what stands inside is written as it was read, too, and between spaces', t => {
  const { data } = parseExactly('{ "data" : { "n" : 9007199254740993 , "of" : [ 1.50 , -0 ] } }') as { data: object }
  t.is(JSON.stringify(asWritten(data)), '{"n":9007199254740993,"of":[1.50,-0]}')
})

test('checks read plain numbers', t => {
  t.deepEqual(parseExactly('{"a":1.0,"b":[1e2]}'), { a: 1, b: [100] })
})

test('names that stand twice are found with their place, and nothing else is', t => {
  const cases: readonly [string, readonly string[]][] = [
    ['{"data":{"site":"one","site":"two"}}', ['/data/site']],
    ['{"a":[{"x":1},{"x":1,"x":1}],"a":0}', ['/a/1/x', '/a']],
    ['{"a/b~":1,"a/b~":2}', ['/a~1b~0']],
    [String.raw`{"a":1,"\u0061":2}`, ['/a']],
    ['{"a":{"x":1},"b":{"x":1}}', []],
    [String.raw`{"text":"\": \":","b":1}`, []],
    ['[1,"x:"]', []],
  ]
  for (const [document, pointers] of cases)
    t.deepEqual(
      duplicateNames(document, JSON.parse(document)).map(({ pointer }) => pointer),
      pointers,
      document,
    )
})

test('a document without a name twice is not refused, whatever its texts hold', t => {
  fc.assert(fc.property(text, value => t.deepEqual(duplicateNames(value, JSON.parse(value)), [])))
})

test('a value that is as deep as its text is long does no harm', t => {
  const deep = `${'[1.0,'.repeat(30_000)}1${']'.repeat(30_000)}`
  t.notThrows(() => duplicateNames(deep, parseExactly(deep)))
})
