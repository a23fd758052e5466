import test from 'ava'
import type { IndexDescriptionInfo } from 'mongodb'
import { firstValueFrom } from 'rxjs'
import { freshLedger, onDatabase } from '../../../test/support/databases.ts'
import { newTenant } from '../../../test/support/ledger.ts'
import { freshName, mongodbUrl } from '../../../test/support/servers.ts'
import { type Ledger, openLedger } from '../ledger.ts'
import { noObserver } from '../observer.ts'
import { validators } from '../validators.ts'

const database = freshName('options')
const open = (observer = noObserver) => openLedger({ url: mongodbUrl(), database, observer })
/** Two processes, started at once on a new database. */
let processes: readonly [Ledger, Ledger]
test.before(async () => void (processes = await Promise.all([open(), open()])))
test.after.always(async () => {
  await processes[0].db.dropDatabase()
  await Promise.all(processes.map(({ close }) => close()))
})

/** Every index beside that of `_id`: its keys, and how it differs from a plain one. */
const indexes = [
  'activity: expireAt 1, removed after 0 s',
  'activity: tenant 1, at 1',
  'aside: expireAt 1, removed after 0 s',
  'audit: expireAt 1, removed after 0 s',
  'audit: tenant 1, _id -1',
  'deliveries: expireAt 1, removed after 0 s',
  'deliveries: open 1, status 1, reason 1, createdAt 1, where {"open":true}',
  'deliveries: replayId 1, status 1, where {"replayId":{"$exists":true}}',
  'deliveries: subscriptionId 1, nextAttemptAt 1, where {"open":true}',
  'deliveries: subscriptionId 1, visitId 1, streamSequence 1, where {"open":true,"ordered":true}',
  'deliveries: tenant 1, createdAt -1, _id -1',
  'deliveries: tenant 1, visitId 1, createdAt -1, _id -1',
  'erasures: expireAt 1, removed after 0 s',
  'erasures: tenant 1, visitorId 1, state 1, unique, where {"state":"running"}',
  'idempotency: expireAt 1, removed after 0 s',
  'keys: use 1, unique, where {"use":{"$in":["current","next"]}}',
  'replays: expireAt 1, removed after 0 s',
  'replays: state 1, where {"state":"running"}',
  'replays: tenant 1, _id -1',
  'subscriptions: tenant 1, _id 1',
  'tokens: hash 1, unique',
  'tokens: tenant 1, _id 1',
  'unmatched: expireAt 1, removed after 0 s',
]

const describe = ({ key, unique, partialFilterExpression, expireAfterSeconds }: IndexDescriptionInfo): string =>
  [
    Object.entries(key)
      .map(([field, direction]) => `${field} ${String(direction)}`)
      .join(', '),
    ...(unique === true ? ['unique'] : []),
    ...(partialFilterExpression === undefined ? [] : [`where ${JSON.stringify(partialFilterExpression)}`]),
    ...(expireAfterSeconds === undefined ? [] : [`removed after ${expireAfterSeconds} s`]),
  ].join(', ')

const indexesOf = async ({ db }: Pick<Ledger, 'db'>): Promise<string[]> => {
  const found = await Promise.all(
    Object.keys(validators).map(async name =>
      (await db.collection(name).indexes())
        .filter(index => index.name !== '_id_')
        .map(index => `${name}: ${describe(index)}`),
    ),
  )
  return found.flat().toSorted()
}

test('the database has exactly these indexes, and expired documents are removed at the moment in their expireAt', async t => {
  const [{ db }] = processes
  const names = (await db.listCollections().toArray()).map(({ name }) => name)
  t.deepEqual(names.filter(name => name !== 'migrations').toSorted(), Object.keys(validators).toSorted())
  t.deepEqual(await indexesOf(processes[0]), indexes)
})

test('two processes may open a new ledger at the same time, and they agree on the signing keys', async t => {
  const [one, two] = processes
  const key = { alg: 'ES256', use: 'current', publicJwk: {}, sealedPrivateJwk: 'x', createdAt: 1 } as const
  const [a, b] = await Promise.all([
    one.keys.insertFirst({ kid: 'a', ...key }),
    two.keys.insertFirst({ kid: 'b', ...key }),
  ])
  t.is(a.length, 1)
  t.deepEqual(a, b)
})

/** What one round over all requirements finds, in a line each. */
const round = async ({ requirements }: Pick<Ledger, 'requirements'>): Promise<string[]> => {
  const found: string[] = []
  for (const { name, check } of requirements)
    for (const { outcome, object, difference } of await check())
      found.push(`${name}: ${outcome}: ${object} ${difference}`)
  return found
}

test('a second start, and a comparison, find everything as needed and change nothing', async t => {
  const commands = new Set<string>()
  const observer = { ...noObserver, commanded: (operation: string) => void commands.add(operation) }
  const again = await open(observer)
  t.deepEqual(await round(again), [])
  await again.close()
  for (const change of ['create', 'collMod', 'createIndexes', 'dropIndexes', 'drop'])
    t.false(commands.has(change), change)
})

test('whatever is dropped or changed while the service runs is restored and named, once; an operator’s own stays', async t => {
  const ledger = await freshLedger(t)
  const { db } = ledger
  t.deepEqual(await round(ledger), [], 'a new database is no difference')
  const deliveries = db.collection('deliveries')
  const modify = (command: object) => () => db.command({ collMod: 'deliveries', ...command })
  const changes: readonly (readonly [() => Promise<unknown>, readonly string[]])[] = [
    [() => deliveries.drop(), ['collections: restored: collection deliveries is missing']],
    [
      async () => {
        await deliveries.drop()
        await deliveries.insertOne({ half: 'a row' })
      },
      ['collections: restored: collection deliveries was dropped, and created again'],
    ],
    [modify({ validator: {} }), ['collections: restored: validator of deliveries is missing']],
    [
      modify({ validationAction: 'warn' }),
      ['collections: restored: validator of deliveries has validationAction warn, not error'],
    ],
    [
      modify({ validationLevel: 'moderate' }),
      ['collections: restored: validator of deliveries has validationLevel moderate, not strict'],
    ],
    [
      () => deliveries.dropIndex('tenant_1_createdAt_-1__id_-1'),
      ['indexes: restored: index tenant_1_createdAt_-1__id_-1 of deliveries is missing'],
    ],
    [
      modify({ index: { name: 'expireAt_1', expireAfterSeconds: 99, hidden: true } }),
      ['indexes: restored: index expireAt_1 of deliveries is hidden'],
    ],
    [
      async () => {
        await db.collection('tokens').dropIndex('hash_1')
        await db.collection('tokens').createIndex({ hash: 1 }, { name: 'dba_hash' })
      },
      ['indexes: restored: index hash_1 of tokens unique is unset, not true'],
    ],
    [
      async () => {
        await deliveries.dropIndex('expireAt_1')
        await deliveries.createIndex({ expireAt: 1 }, { name: 'dba_expiry', expireAfterSeconds: 0 })
        await deliveries.createIndex({ visitId: 1 }, { name: 'dba_visits' })
      },
      [],
    ],
    [
      () => deliveries.createIndex({ eventId: 1 }, { unique: true }),
      ['indexes: restored: index eventId_1 of deliveries is unique, and not one of Doorbell’s'],
    ],
    [
      async () => {
        await db.dropDatabase()
        await deliveries.insertOne({ half: 'a row' })
      },
      [`collections: restored: database ${db.databaseName} was dropped: every collection is missing`],
    ],
  ]
  for (const [change, expected] of changes) {
    await change()
    t.deepEqual(await round(ledger), expected)
    t.deepEqual(await round(ledger), [])
    if (expected.length > 0) await t.throwsAsync(deliveries.insertOne({ half: 'a row' }), { message: /validation/ })
    else
      t.true(
        (await deliveries.indexes()).some(({ name }) => name === 'dba_visits'),
        'an addition is kept',
      )
  }
  t.deepEqual(await indexesOf(ledger), indexes)
})

test('what an operator changed while no process ran is restored by the next start, and reported by its first comparison', async t => {
  const first = await freshLedger(t)
  const { databaseName } = first.db
  await first.close()
  await onDatabase(databaseName, async db => {
    await db.collection('audit').drop()
    await db.collection('deliveries').dropIndex('expireAt_1')
  })
  const second = await openLedger({ url: mongodbUrl(), database: databaseName })
  t.teardown(second.close)
  t.deepEqual(await indexesOf(second), indexes)
  t.deepEqual(await round(second), [
    'collections: restored: collection audit is missing',
    'indexes: restored: index expireAt_1 of deliveries is missing',
  ])
  t.deepEqual(await round(second), [])
})

test('a release changes what an earlier one left without a report, and the earlier one leaves the later one’s as it is', async t => {
  const ledger = await freshLedger(t)
  const declared = (declaration: string) =>
    ledger.db.collection<{ _id: string }>('upkeep').updateOne({ _id: 'declaration' }, { $set: { declaration } })
  await declared('of-another-release')
  await ledger.db.command({ collMod: 'tokens', validator: {} })
  const kept = `kept: database ${ledger.db.databaseName} has the collections and indexes of another release, which started after this process`
  t.deepEqual(await round(ledger), [`collections: ${kept}`, `indexes: ${kept}`])
  const upgraded = await openLedger({ url: mongodbUrl(), database: ledger.db.databaseName })
  t.teardown(upgraded.close)
  t.deepEqual(await round(upgraded), [])
  await t.throwsAsync(ledger.db.collection('tokens').insertOne({ tenant: 'acme' }), { message: /validation/ })
  t.deepEqual(await round(ledger), [])
})

test('what cannot be repaired is broken, and events are refused where they would be lost', async t => {
  const ledger = await freshLedger(t)
  await ledger.db.collection('deliveries').drop()
  await ledger.db.createCollection('deliveries', { capped: true, size: 4_096 })
  const [, collections] = ledger.requirements
  const found = (await collections?.check()) ?? []
  t.deepEqual(
    found.map(({ outcome, object, refusesEvents }) => [outcome, object, refusesEvents]),
    [['broken', 'collection deliveries', true]],
  )
  t.regex(found[0]?.remedy ?? '', /renameCollection/)
})

test('rows and messages that a changed validator refuses are written all the same, after it was restored', async t => {
  const ledger = await freshLedger(t, { observer: { ...noObserver } })
  const refuseAll = (name: string) =>
    ledger.db.command({ collMod: name, validator: { $jsonSchema: { required: ['nothing'] } } })
  const { tenant, row } = newTenant()
  const written = row('first')
  await refuseAll('deliveries')
  t.deepEqual(await ledger.deliveries.insert(written), written)
  await refuseAll('deliveries')
  t.like(await ledger.deliveries.update({ ...written, revision: 2 }), { revision: 2 })
  await refuseAll('aside')
  await ledger.aside.keep({ sequence: 1, partition: 1, tenant, type: 'x', reason: 'malformed_json', text: '{', at: 1 })
  t.is((await ledger.aside.list(9)).length, 1)
  t.deepEqual(await round(ledger), [
    'collections: restored: validator of deliveries is another',
    'collections: restored: validator of deliveries is another',
    'collections: restored: validator of aside is another',
  ])
  await t.throwsAsync(ledger.deliveries.insert({ ...row('second'), attempts: {} as never }), {
    message: /refuses this document/,
  })
})

test('a query that names a missing index, and a document that a changed validator refuses, are reasons to compare soon', async t => {
  const observer = { ...noObserver }
  const ledger = await freshLedger(t, { observer })
  for (const method of ['insertOne', 'findOneAndUpdate'] as const) {
    const refused = firstValueFrom(ledger.doubts$)
    await ledger.db.command({ collMod: 'tenants', validator: { $jsonSchema: { required: ['nothing'] } } })
    const tenants = ledger.db.collection<{ _id: string }>('tenants')
    await t.throwsAsync<Error>(
      method === 'insertOne'
        ? tenants.insertOne({ _id: 'acme' })
        : tenants.findOneAndUpdate({ _id: 'acme' }, { $set: { name: 'Acme' } }, { upsert: true }),
    )
    await refused
    t.deepEqual(await round(ledger), ['collections: restored: validator of tenants is another'])
  }
  const doubt = firstValueFrom(ledger.doubts$)
  await ledger.db.collection('deliveries').dropIndex('open_1_status_1_reason_1_createdAt_1')
  await t.throwsAsync(ledger.census())
  await doubt
  t.deepEqual(await round(ledger), [
    'indexes: restored: index open_1_status_1_reason_1_createdAt_1 of deliveries is missing',
  ])
  await t.notThrowsAsync(ledger.census())
})
