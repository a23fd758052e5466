import test from 'ava'
import type { IndexDescriptionInfo } from 'mongodb'
import { indexes } from '../indexes.ts'
import type { CollectionName } from '../validators.ts'
import { compareIndexes, nameOf } from './compare-indexes.ts'
import { collectionNames } from './needed.ts'

const id: IndexDescriptionInfo = { v: 2, key: { _id: 1 }, name: '_id_' }

/** The indexes of a collection as the server lists them, each changed where `change` returns another. */
const found = (
  name: CollectionName,
  change: (index: IndexDescriptionInfo) => IndexDescriptionInfo | null = each => each,
) => [
  id,
  ...indexes[name].flatMap(index => change({ v: 2, name: nameOf(index), ...index } as IndexDescriptionInfo) ?? []),
]

const shown = (name: CollectionName, all: readonly IndexDescriptionInfo[]) =>
  compareIndexes(name, all).map(({ object, difference, repairs }) => [object, difference, repairs])

test('indexes that are as needed have no difference, whatever their names are and whatever else is there', t => {
  for (const name of collectionNames) {
    t.deepEqual(shown(name, found(name)), [])
    const renamed = found(name, index => ({ ...index, name: `dba_${index.name}`, unique: index.unique ?? false }))
    const own = { v: 2, key: { visitId: 1 }, name: 'mine' }
    t.deepEqual(shown(name, [...renamed, own]), [])
  }
})

test('each missing index is created, under another name where its own is taken', t => {
  for (const name of collectionNames)
    for (const wanted of indexes[name]) {
      const rest = found(name, index => (index.name === nameOf(wanted) ? null : index))
      const object = `index ${nameOf(wanted)} of ${name}`
      t.deepEqual(shown(name, rest), [
        [object, 'is missing', [{ type: 'index', collection: name, index: wanted, drop: [] }]],
      ])
      const index = { ...wanted, name: `doorbell_${nameOf(wanted)}` }
      t.deepEqual(shown(name, [...rest, { v: 2, key: { other: 1 }, name: nameOf(wanted) }]), [
        [object, 'is missing', [{ type: 'index', collection: name, index, drop: [] }]],
      ])
    }
})

/** The indexes of deliveries, of which that of this name is changed. */
const changed = (name: string, change: object) =>
  shown(
    'deliveries',
    found('deliveries', index => (index.name === name ? { ...index, ...change } : index)),
  )

test('a changed expiry and a hidden index are altered, which builds nothing', t => {
  const alter = (index: string, change: object) => [{ type: 'alter', collection: 'deliveries', index, change }]
  for (const [change, difference] of [
    [{ expireAfterSeconds: 3_600 }, 'expireAfterSeconds is 3600, not 0'],
    [{ expireAfterSeconds: undefined }, 'expireAfterSeconds is unset, not 0'],
    [{ hidden: true }, 'is hidden'],
  ] as const)
    t.deepEqual(changed('expireAt_1', change), [
      ['index expireAt_1 of deliveries', difference, alter('expireAt_1', { hidden: false, expireAfterSeconds: 0 })],
    ])
  t.deepEqual(changed('open_1_status_1_reason_1_createdAt_1', { hidden: true }), [
    [
      'index open_1_status_1_reason_1_createdAt_1 of deliveries',
      'is hidden',
      alter('open_1_status_1_reason_1_createdAt_1', { hidden: false }),
    ],
  ])
})

test('an index with other options in its place is dropped and created as needed', t => {
  const name = 'subscriptionId_1_nextAttemptAt_1'
  const [wanted] = indexes.deliveries
  for (const [change, difference] of [
    [{ unique: true }, 'unique is true, not unset'],
    [{ sparse: true }, 'sparse is true, not unset'],
    [{ partialFilterExpression: { open: false } }, 'has another partialFilterExpression'],
    [{ collation: { locale: 'en' } }, 'has another collation'],
    [{ expireAfterSeconds: 5 }, 'expireAfterSeconds is 5, not unset'],
    [{ name: 'renamed', unique: true, hidden: true }, 'unique is true, not unset'],
  ] as const) {
    const drop = ['name' in change ? change.name : name]
    t.deepEqual(changed(name, change), [
      [`index ${name} of deliveries`, difference, [{ type: 'index', collection: 'deliveries', index: wanted, drop }]],
    ])
  }
})

test('the order of a key counts', t => {
  const [, wanted] = indexes.subscriptions.concat(indexes.tokens.slice(1))
  t.deepEqual(wanted?.key, { tenant: 1, _id: 1 })
  const turned = found('subscriptions', index => ({ ...index, key: { _id: 1, tenant: 1 } }))
  t.is(compareIndexes('subscriptions', turned)[0]?.difference, 'is missing')
})

test('a unique index that Doorbell did not create is dropped, since it refuses documents; until then no event is accepted where one is lost', t => {
  for (const [name, refuses] of [
    ['deliveries', true],
    ['subscriptions', true],
    ['audit', false],
  ] as const)
    for (const option of ['unique', 'prepareUnique']) {
      const foreign = { v: 2, key: { tenant: 1 }, name: 'one_each', [option]: true } as IndexDescriptionInfo
      const [finding, ...none] = compareIndexes(name, [...found(name), foreign])
      t.deepEqual(none, [])
      t.like(finding, { object: `index one_each of ${name}`, refusesEvents: refuses })
      t.deepEqual(finding?.repairs, [{ type: 'drop', collection: name, index: 'one_each' }])
    }
})

test('a second unique index with the key of a partial one refuses what the partial one allows', t => {
  const foreign = { v: 2, key: { use: 1 }, name: 'all_uses', unique: true }
  t.deepEqual(
    compareIndexes('keys', [...found('keys'), foreign]).map(({ repairs }) => repairs),
    [[{ type: 'drop', collection: 'keys', index: 'all_uses' }]],
  )
})

test('each difference says what users lose', t => {
  const promise = (name: CollectionName, index: number) => {
    const all = indexes[name][index]
    return compareIndexes(
      name,
      found(name, each => (all !== undefined && each.name === nameOf(all) ? null : each)),
    )[0]
  }
  const expiry = indexes.deliveries.findIndex(({ expireAfterSeconds }) => expireAfterSeconds === 0)
  t.regex(promise('deliveries', expiry)?.promise ?? '', /may stay when their time is over/)
  t.regex(promise('tokens', 0)?.promise ?? '', /does not refuse a second document of tokens/)
  t.regex(promise('tokens', 1)?.promise ?? '', /read all of tokens/)
})
