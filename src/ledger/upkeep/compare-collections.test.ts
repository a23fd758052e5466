import test from 'ava'
import { compareCollections, type FoundCollection } from './compare-collections.ts'
import { collectionNames, losses, validationOf } from './needed.ts'

const nothingKnown = { uuids: new Map<string, string>(), wasComplete: false }

/** A database as it is needed; a collection that is null is missing. */
const found = (change: Readonly<Record<string, Partial<FoundCollection> | null>> = {}) =>
  new Map(
    collectionNames.flatMap((name): [string, FoundCollection][] => {
      const changed = change[name]
      const whole = { type: 'collection', uuid: `uuid-of-${name}`, options: validationOf(name) }
      return changed === null ? [] : [[name, { ...whole, ...changed }]]
    }),
  )
const known = {
  uuids: new Map(collectionNames.map(name => [name, `uuid-of-${name}`])),
  wasComplete: true,
}
const shown = (all: ReturnType<typeof compareCollections>) =>
  all.map(({ object, difference, repairs, refusesEvents }) => [object, difference, repairs, refusesEvents])

test('a database that is as needed has no difference, also with collections of its operator’s own', t => {
  t.deepEqual(compareCollections('doorbell', found(), nothingKnown), [])
  const withOwn = new Map([...found(), ['notes', { type: 'view', uuid: 'x', options: {} }]])
  t.deepEqual(compareCollections('doorbell', withOwn, known), [])
})

test('a dropped collection is created with everything that it needs, and the line says what is lost with it', t => {
  const [missing, ...none] = compareCollections('doorbell', found({ deliveries: null }), known)
  t.deepEqual(none, [])
  t.like(missing, { object: 'collection deliveries', difference: 'is missing', promise: losses.deliveries.lost })
  t.regex(missing?.promise ?? '', /every delivery that waited \(pending or held\)/)
  t.deepEqual(missing?.repairs, [{ type: 'create', collection: 'deliveries' }])
  t.deepEqual(compareCollections('doorbell', found({ deliveries: null }), nothingKnown), [missing])
})

test('a collection that a write created again after it was dropped is noticed by its uuid, although its name is there', t => {
  const again = found({ tokens: { uuid: 'another', options: {} } })
  t.deepEqual(shown(compareCollections('doorbell', again, known)), [
    ['collection tokens', 'was dropped, and created again', [{ type: 'create', collection: 'tokens' }], false],
  ])
  t.deepEqual(
    shown(compareCollections('doorbell', again, nothingKnown)),
    [['validator of tokens', 'is missing', [{ type: 'validate', collection: 'tokens' }], false]],
    'a process that has just started does not know the previous collection',
  )
})

test('a dropped database is one difference; in a new database each collection is missing', t => {
  const [dropped, ...none] = compareCollections('doorbell', new Map(), known)
  t.deepEqual(none, [])
  t.like(dropped, { object: 'database doorbell', difference: 'was dropped: every collection is missing' })
  t.deepEqual(
    dropped?.repairs,
    collectionNames.map(collection => ({ type: 'create', collection })),
  )
  const written = new Map(
    ['deliveries', 'upkeep'].map(name => [name, { type: 'collection', uuid: 'new', options: {} }]),
  )
  t.deepEqual(compareCollections('doorbell', written, known), [dropped], 'a write has created some of it again')
  t.is(compareCollections('doorbell', new Map(), nothingKnown).length, collectionNames.length)
})

test('each change of a validator is a difference that names the change, never what was written there', t => {
  const whole = validationOf('deliveries')
  for (const [change, difference] of [
    [{ validator: undefined }, 'is missing'],
    [{ validator: { secret: 'Anna' } }, 'is another'],
    [{ validationLevel: 'moderate' }, 'has validationLevel moderate, not strict'],
    [{ validationLevel: 'off' }, 'has validationLevel off, not strict'],
    [{ validationAction: 'warn' }, 'has validationAction warn, not error'],
    [{ validationAction: 'Anna' }, 'has validationAction unset, not error'],
  ] as const)
    t.deepEqual(
      shown(compareCollections('doorbell', found({ deliveries: { options: { ...whole, ...change } } }), known)),
      [['validator of deliveries', difference, [{ type: 'validate', collection: 'deliveries' }], false]],
    )
})

test('a collection of a kind that loses documents stays as it is, and no event is accepted where one may be lost', t => {
  for (const [name, refuses] of [
    ['deliveries', true],
    ['subscriptions', true],
    ['audit', false],
  ] as const)
    for (const [change, difference] of [
      [{ options: { ...validationOf(name), capped: true } }, 'is capped, so that it drops its oldest documents'],
      [{ options: { collation: { locale: 'en' } } }, 'has a collation, so that different ids may count as equal'],
      [{ type: 'view' }, 'is a view, not a collection'],
    ] as const)
      t.deepEqual(shown(compareCollections('doorbell', found({ [name]: change }), known)), [
        [`collection ${name}`, difference, [], refuses],
      ])
})
