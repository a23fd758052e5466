import test from 'ava'
import { type TSchema, Type } from 'typebox'
import { documentedTable } from '../../test/support/documented-table.ts'
import { compileCheck } from '../intake/validation.ts'
import { defaultRetry } from './retry.ts'
import { settableFields, settingDefaults, subscriptionSettings } from './subscription-settings.ts'

const { required, withDefault, optional } = subscriptionSettings
const schemas = { ...required, ...withDefault, ...optional }
type Field = keyof typeof schemas

const checks = Object.fromEntries(
  Object.entries<TSchema>(schemas).map(([name, schema]) => [name, compileCheck(Type.Object({ [name]: schema }))]),
)
const accepts = (field: Field, value: unknown): boolean => checks[field]?.({ [field]: value }).length === 0

const growth = { maxAttempts: 5, firstDelayMs: 1_000, factor: 2, maxDelayMs: 60_000, giveUpAfterMs: 3_600_000 }
const list = (length: number, each: (index: number) => unknown) => Array.from({ length }, (_, index) => each(index))
const names = (length: number, value: unknown) => Object.fromEntries(list(length, index => [`n${index}`, value]) as [])

/** For each documented field: its setting with a value of this number, length or count. */
const withValue: Readonly<Record<string, (value: number) => readonly [Field, unknown]>> = {
  url: length => ['url', 'x'.repeat(length)],
  eventTypes: count => ['eventTypes', list(count, index => `t${index}`)],
  'retry.maxAttempts': maxAttempts => ['retry', { ...growth, maxAttempts }],
  'retry.firstDelayMs': firstDelayMs => ['retry', { ...growth, firstDelayMs }],
  'retry.maxDelayMs': maxDelayMs => ['retry', { ...growth, maxDelayMs }],
  'retry.factor': factor => ['retry', { ...growth, factor }],
  'retry.giveUpAfterMs': giveUpAfterMs => ['retry', { ...growth, giveUpAfterMs }],
  'retry.delaysMs': count => ['retry', { delaysMs: list(count, () => 1_000) }],
  'retry.delaysMs[]': delayMs => ['retry', { delaysMs: [delayMs] }],
  timeoutMs: value => ['timeoutMs', value],
  maxInFlight: value => ['maxInFlight', value],
  ratePerSecond: value => ['ratePerSecond', value],
  expiresAfterMs: value => ['expiresAfterMs', value],
  description: length => ['description', 'x'.repeat(length)],
  filter: count => ['filter', names(count, ['ghent'])],
  'filter.*': count => ['filter', { site: list(count, String) }],
  headers: count => ['headers', names(count, 'x')],
  'headers.*': length => ['headers', { 'x-a': 'x'.repeat(length) }],
  'auth.token': length => ['auth', { type: 'bearer', token: 'x'.repeat(length) }],
  'auth.username': length => ['auth', { type: 'basic', username: 'x'.repeat(length), password: '' }],
  'auth.password': length => ['auth', { type: 'basic', username: 'x', password: 'x'.repeat(length) }],
}

const rows = documentedTable('docs/operations.md', 'Limits of a subscription').map(
  ([field = '', range = '', shownDefault = '']) => ({ name: field.replaceAll('`', ''), range, shownDefault }),
)
const ranged = rows.flatMap(({ name, range }) => {
  const [, least, most] = /^([\d.]+)–([\d.]+)/.exec(range) ?? []
  return most === undefined ? [] : [{ name, least: Number(least), most: Number(most) }]
})

test('each field of a subscription accepts exactly the range that operations.md names', t => {
  for (const { name, least, most } of ranged) {
    const step = Number.isInteger(least) ? 1 : 0.01
    const accepted = (value: number) => accepts(...(withValue[name]?.(value) ?? ['url', null]))
    t.deepEqual([accepted(least), accepted(most), accepted(most + step)], [true, true, false], name)
    if (least > 0) t.false(accepted(least - step), name)
  }
})

test('each choice of a subscription accepts exactly the values that operations.md names', t => {
  for (const { name, range } of rows.filter(each => !ranged.some(({ name: other }) => other === each.name))) {
    const values = range.split(', ').map(value => (value === 'true' || value === 'false' ? value === 'true' : value))
    t.true(values.length > 1, name)
    for (const value of values) t.true(accepts(name as Field, value), `${name} ${value}`)
    for (const value of ['other', 1, null]) t.false(accepts(name as Field, value), name)
  }
})

test('operations.md names every field but the one that is a plain switch, and every default', t => {
  const documented = new Set(rows.map(({ name }) => name.split('.')[0] ?? ''))
  t.deepEqual([...settableFields].toSorted(), [...documented, 'requireVerification'].toSorted())
  const defaults = rows.flatMap(({ name, shownDefault }) => (shownDefault === '' ? [] : [[name, shownDefault]]))
  const { retry, ...others } = settingDefaults
  t.is(retry, defaultRetry)
  t.deepEqual(
    Object.fromEntries(defaults),
    Object.fromEntries(Object.entries(others).map(([name, value]) => [name, String(value)])),
  )
})

test('a subscription is refused what would not reach its endpoint, or would change the request', t => {
  const refused: readonly (readonly [Field, unknown])[] = [
    // Header injection, and names that HTTP does not allow.
    ['headers', { 'x-a': 'b\r\nx-c: d' }],
    ['headers', { 'x-a': 'é' }],
    ['headers', { 'x a': 'b' }],
    ['headers', { '': 'b' }],
    ['headers', { ['x'.repeat(101)]: 'b' }],
    ['headers', { 'x-a': 1 }],
    ['auth', { type: 'bearer', token: 'a b' }],
    ['auth', { type: 'bearer', token: 'a\n' }],
    ['auth', { type: 'bearer', token: 'é' }],
    // RFC 7617: a user name has no colon.
    ['auth', { type: 'basic', username: 'a:b', password: 'c' }],
    ['auth', { type: 'basic', username: 'a\n', password: 'c' }],
    ['auth', { type: 'basic', username: 'a', password: 'c\u0000' }],
    ['auth', { type: 'bearer', username: 'a', password: 'c' }],
    ['auth', { type: 'bearer', token: 'a', password: 'c' }],
    ['auth', { type: 'basic', username: 'a', password: 'c', token: 'd' }],
    ['auth', { type: 'basic', username: 'a' }],
    ['auth', { type: 'digest', token: 'a' }],
    ['filter', { 'a.b': ['c'] }],
    ['filter', { '': ['c'] }],
    ['filter', { ['x'.repeat(101)]: ['c'] }],
    ['filter', { site: 'ghent' }],
    ['filter', { site: ['x'.repeat(201)] }],
    ['filter', { site: [{ id: 'a' }] }],
    ['eventTypes', ['a', 'a']],
    ['eventTypes', ['']],
    ['eventTypes', ['x'.repeat(101)]],
    ['retry', { ...growth, delaysMs: [1_000] }],
    ['retry', { ...growth, other: 1 }],
    ['retry', { delaysMs: [1_000], other: 1 }],
    ['retry', {}],
    ['retry', { ...growth, maxAttempts: 1.5 }],
    ['retry', { ...growth, firstDelayMs: 100.5 }],
    ['retry', { ...growth, giveUpAfterMs: 1_000.5 }],
    ['timeoutMs', 1_000.5],
    ['maxInFlight', 1.5],
    ['expiresAfterMs', 1_000.5],
    ['requireVerification', 'yes'],
  ]
  for (const [field, value] of refused) t.false(accepts(field, value), JSON.stringify([field, value]))
  for (const name of Object.keys(growth))
    t.false(accepts('retry', Object.fromEntries(Object.entries(growth).filter(([key]) => key !== name))), name)
})

test('a subscription may have everything that reaches its endpoint', t => {
  const accepted: readonly (readonly [Field, unknown])[] = [
    ['headers', { "X-a_1!#$%&'*+.^`|~": 'tabs\tand spaces ~!' }],
    ['headers', { ['x'.repeat(100)]: '' }],
    ['auth', { type: 'bearer', token: '!a~' }],
    ['auth', { type: 'basic', username: 'zoë b', password: 'é: c' }],
    ['filter', { ['x'.repeat(100)]: ['x'.repeat(200), 1, 1.5, true] }],
    ['filter', { aZ9_: ['a'], 'b-c': [''] }],
    ['eventTypes', ['a', 'x'.repeat(100)]],
    ['retry', { ...growth, factor: 1.5 }],
    ['retry', defaultRetry],
    ['ratePerSecond', 0.5],
    ['requireVerification', true],
  ]
  for (const [field, value] of accepted) t.true(accepts(field, value), JSON.stringify([field, value]))
})
