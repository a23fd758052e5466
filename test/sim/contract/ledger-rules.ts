import { randomUUID } from 'node:crypto'
import { attempt } from '../../support/ledger.ts'
import { type Behaviour, refusalOf } from './hold.ts'
import type { LedgerSide } from './ledger-sides.ts'

const invalid = ['MongoServerError', 121]

/** Writes rows with this change, one by one. */
const rowsWith = async ({ db, row }: LedgerSide, changes: readonly object[]) => {
  const results: unknown[] = []
  for (const change of changes) {
    const { id: _, nextAttemptAt: __, ...rest } = row(randomUUID())
    results.push(
      await refusalOf(db.collection('deliveries').insertOne({ _id: randomUUID() as never, ...rest, ...change })),
    )
  }
  return results
}

export const ledgerRules: readonly Behaviour<LedgerSide>[] = [
  {
    title: 'a row is refused for the value of a field that its validator forbids, and for a missing one',
    outcome: ['done', invalid, invalid, invalid, invalid, invalid, invalid, 'done', invalid, 'done'],
    steps: side =>
      rowsWith(side, [
        {},
        { status: 'lost' },
        { tenant: 'ACME' },
        { tenant: undefined },
        { partition: '1' },
        { revision: -1 },
        { attempts: {} },
        { unknown: 'field' },
        { expireAt: 5 },
        { expireAt: new Date(Date.now() + 60_000) },
      ]),
  },
  {
    title: 'every number counts as a number: whole, large, broken, and not a number',
    outcome: ['done', 'done', 'done', 'done', invalid, invalid, invalid],
    steps: side =>
      rowsWith(
        side,
        [0, 2 ** 31, 0.5, Number.MAX_SAFE_INTEGER, null, true, '5'].map(nextAttemptAt => ({ nextAttemptAt })),
      ),
  },
  {
    title: 'the pattern of a tenant’s id is that of the server, also at a line break',
    outcome: ['done', 'done', invalid, invalid, invalid, invalid],
    steps: side =>
      rowsWith(
        side,
        ['a-1', 'a\n', 'a\n\n', 'a b', '', 'é'].map(tenant => ({ tenant })),
      ),
  },
  {
    title: 'an update or a replacement that its validator refuses changes nothing',
    outcome: [invalid, invalid, invalid, { status: 'pending', revision: 1 }],
    steps: async ({ ledger, db, row }) => {
      const { id, ...rest } = await ledger.deliveries.insert(row('e-1'))
      const [rows, filter] = [db.collection<{ _id: string }>('deliveries'), { _id: id }]
      return [
        await refusalOf(rows.updateOne(filter, { $set: { status: 'lost', revision: 2 } })),
        await refusalOf(rows.replaceOne(filter, { ...rest, nextAttemptAt: 'soon' })),
        await refusalOf(rows.findOneAndUpdate(filter, { $set: { attempts: 1 } })),
        await rows.findOne(filter, { projection: { _id: 0, status: 1, revision: 1 } }),
      ]
    },
  },
  {
    title: 'a row that is refused does not affect the others of its batch, whether new or replaced',
    outcome: [['rejected', 'fulfilled', 'rejected', 'fulfilled'], 2, ['fulfilled', 'rejected'], [2, 1]],
    steps: async ({ ledger, tenant, row }) => {
      const { deliveries } = ledger
      const bad = { status: 'lost' as never }
      const states = async (writes: readonly Promise<unknown>[]) =>
        (await Promise.allSettled(writes)).map(({ status }) => status)
      const inserted = await states([row('a', bad), row('b'), row('c', bad), row('d')].map(deliveries.insert))
      const stored = (await deliveries.list({ tenant, limit: 10 })).length
      const updated = await states(
        [row('b', { revision: 2 }), row('d', { ...bad, revision: 2 })].map(deliveries.update),
      )
      const [b, d] = [await deliveries.get(tenant, row('b').id), await deliveries.get(tenant, row('d').id)]
      return [inserted, stored, updated, [b?.revision, d?.revision]]
    },
  },
  {
    title: 'two writers of one row: the second one finds the first one’s and merges',
    outcome: ['pending', 2, 1],
    steps: async ({ ledger, tenant, row }) => {
      const { deliveries } = ledger
      await deliveries.insert(row('e-1'))
      const merged = await deliveries.insert(
        row('e-1', { status: 'dead', nextAttemptAt: null, attempts: [attempt(1)] }),
      )
      const stored = await deliveries.get(tenant, merged.id)
      return [stored?.status, stored?.revision, stored?.attempts.length]
    },
  },
  {
    title: 'of two changes from the same revision one wins',
    outcome: 1,
    steps: async ({ ledger, row }) => {
      const both = await ledger.deliveries.insert(row('e-1'))
      const answers = await Promise.all([ledger.deliveries.cancel(both, 5), ledger.deliveries.resend(both, '{}', 5)])
      return answers.filter(answer => answer !== null).length
    },
  },
  {
    title: 'of two requests with the same key one is processed, and a repetition gets its answer',
    outcome: [['ours', 'under_way'], 'another', 'answered'],
    steps: async ({ ledger: { idempotency }, tenant }) => {
      const begin = async (fingerprint: string) => (await idempotency.begin(tenant, fingerprint, Date.now())).state
      const states = await Promise.all([begin('f'), begin('f')])
      const another = await begin('g')
      await idempotency.finish(tenant, 'answer')
      return [states.toSorted(), another, await begin('f')]
    },
  },
  {
    title: 'a query that names an index that is missing is refused',
    outcome: [['MongoServerError', 2], []],
    steps: async ({ things }) => {
      await things.createIndexes([{ key: { open: 1, status: 1 } }])
      return [
        await refusalOf(things.findOne({ open: true }, { hint: { open: 1 } })),
        await things.find({ open: true }, { hint: { open: 1, status: 1 } }).toArray(),
      ]
    },
  },
  {
    title: 'indexes are created once, listed with their options, and dropped',
    outcome: [
      [
        { v: 2, key: { _id: 1 }, name: '_id_' },
        { v: 2, key: { a: 1, b: -1 }, name: 'a_1_b_-1', unique: true, partialFilterExpression: { a: 1 } },
        { v: 2, key: { expireAt: 1 }, name: 'expireAt_1', expireAfterSeconds: 0 },
      ],
      ['_id_', 'a_1_b_-1'],
      ['MongoServerError', 27],
    ],
    steps: async ({ things }) => {
      const wanted = [
        { key: { a: 1, b: -1 }, unique: true, partialFilterExpression: { a: 1 } },
        { key: { expireAt: 1 }, expireAfterSeconds: 0 },
      ] as const
      for (let times = 0; times < 2; times += 1) await things.createIndexes(wanted as never)
      const all = await things.indexes()
      await things.dropIndex('expireAt_1')
      return [all, (await things.indexes()).map(({ name }) => name), await refusalOf(things.dropIndex('expireAt_1'))]
    },
  },
  {
    title: 'a unique index is not created over documents that have the same key',
    outcome: ['MongoServerError', 11_000],
    steps: async ({ things }) => {
      await things.insertMany([
        { _id: 1, a: 1 },
        { _id: 2, a: 1 },
      ])
      return refusalOf(things.createIndexes([{ key: { a: 1 }, unique: true }]))
    },
  },
  {
    title: 'a collection is created once, with its validator, which can be changed',
    outcome: ['done', ['MongoServerError', 48], invalid, 'done', 'done', true],
    steps: async ({ db, things }) => {
      const validator = { $jsonSchema: { bsonType: 'object', required: ['n'] } }
      const create = () => db.createCollection(things.collectionName, { validator })
      const results = [
        await refusalOf(create()),
        await refusalOf(create()),
        await refusalOf(things.insertOne({ _id: 1 })),
      ]
      await db.command({ collMod: things.collectionName, validator: { $jsonSchema: { bsonType: 'object' } } })
      const [listed] = await db.listCollections({ name: things.collectionName }).toArray()
      const hasUuid =
        ((listed as { info?: { uuid?: { toString(form: string): string } } }).info?.uuid?.toString('hex') ?? '')
          .length === 32
      return [
        ...results,
        await refusalOf(things.insertOne({ _id: 1 })),
        await refusalOf(things.insertOne({ _id: 2 })),
        hasUuid,
      ]
    },
  },
  {
    title: 'the ledger finds everything that it needs',
    outcome: [[], [], []],
    steps: async ({ ledger }) => {
      const checked = ledger.requirements.filter(({ name }) => name !== 'role')
      return Promise.all(checked.map(requirement => requirement.check()))
    },
  },
]
