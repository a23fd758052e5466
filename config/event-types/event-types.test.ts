import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import type { TSchema } from 'typebox'
import { defaultRetry } from '../../src/domain/retry.ts'
import { compileCheck } from '../../src/intake/validation.ts'
import { eventDataSource } from '../../tools/receiver-package/event-data.ts'
import { eventTypes } from './index.ts'
import { operationalEventTypes } from './operational.ts'
import { visitEventTypes } from './visits.ts'

interface Schema {
  readonly format?: string
  readonly maxLength?: number
  readonly minimum?: number
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
}
type Sample = Readonly<Record<string, unknown>>

/** Each field of a schema that is not an object: its path, and its value in the sample. */
const fieldsOf = (
  schema: Schema,
  sample: Sample,
  path: readonly string[] = [],
): [string[], unknown, Schema, boolean][] =>
  Object.entries(schema.properties ?? {}).flatMap(([name, inner]) =>
    inner.properties === undefined
      ? [[[...path, name], sample[name], inner, schema.required?.includes(name) ?? false]]
      : fieldsOf(inner, sample[name] as Sample, [...path, name]),
  )
const changed = (sample: Sample, [name = '', ...rest]: readonly string[], value: unknown): Sample => ({
  ...sample,
  [name]: rest.length === 0 ? value : changed(sample[name] as Sample, rest, value),
})
const all = eventTypes.flatMap(({ type, schema, sample }) =>
  fieldsOf(schema as TSchema & Schema, sample).map(([path, value, field, required]) => ({
    name: `${type} ${path.join('.')}`,
    value,
    field,
    required,
    accepts: (other: unknown) => compileCheck(schema)(changed(sample, path, other)).length === 0,
  })),
)

test('the types that the receiver kit has are those of the catalogue, field by field', t => {
  const stored = readFileSync(join(import.meta.dirname, '../../src/receiver/event-data.ts'), 'utf8')
  t.is(stored, eventDataSource(eventTypes), 'run npm run generate')
  t.deepEqual(eventTypes, [...visitEventTypes, ...operationalEventTypes])
  t.is(new Set(eventTypes.map(({ type }) => type)).size, eventTypes.length)
})

test('each sample fits its schema and shows every field, except the phone of the visitor and the e-mail address of the host', t => {
  for (const { name, value, accepts } of all) {
    const isLeftOut = / (visitor\.phone|host\.email)$/.test(name)
    t.is(value === undefined, isLeftOut, name)
    t.true(isLeftOut || accepts(value), name)
  }
})

test('a required field is required, and an optional one is not', t => {
  for (const { name, required, accepts } of all) t.is(accepts(undefined), !required, name)
})

test('a time is a date-time, an e-mail address is one, and names have 1 to 200 characters', t => {
  for (const { name, field, accepts } of all.filter(each => each.name.startsWith('visit.'))) {
    if (name.endsWith('At')) t.deepEqual(['2026-03-02T09:00:00Z', 'today'].map(accepts), [true, false], name)
    else if (name.endsWith('email')) t.deepEqual(['a@b.example', 'a'].map(accepts), [true, false], name)
    else {
      t.deepEqual(['x', 'x'.repeat(200), '', 'x'.repeat(201)].map(accepts), [true, true, false, false], name)
      t.is(field.format, undefined)
    }
  }
  const failingSince = all.filter(({ name }) => name.endsWith('failingSince'))
  t.is(failingSince.length, 2)
  for (const { accepts } of failingSince) t.false(accepts('today'))
})

test('a delivery is exhausted after at least one attempt; the sample has as many as the default policy', t => {
  const attempts = all.find(({ name }) => name === 'webhook.delivery.exhausted attempts')
  t.deepEqual(
    [0, 1, 1.5].map(value => attempts?.accepts(value)),
    [false, true, false],
  )
  t.is(attempts?.value, defaultRetry.delaysMs.length + 1)
})

test('the samples tell of one visit: only an update moves its time', t => {
  for (const { type, sample } of visitEventTypes)
    t.is(sample['scheduledAt'], type === 'visit.updated' ? '2026-03-02T10:30:00Z' : '2026-03-02T09:00:00Z')
})
