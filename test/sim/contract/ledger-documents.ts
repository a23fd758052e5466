import { type Behaviour, refusalOf } from './hold.ts'
import type { LedgerSide } from './ledger-sides.ts'

const ids = async (found: { toArray(): Promise<readonly { readonly _id?: unknown }[]> }) =>
  (await found.toArray()).map(({ _id }) => _id)
const numbered = (count: number) => Array.from({ length: count }, (_, index) => ({ _id: `t-${index}`, n: index }))
const fill = async ({ things }: LedgerSide, ...docs: readonly object[]) => void (await things.insertMany(docs as never))

export const ledgerDocuments: readonly Behaviour<LedgerSide>[] = [
  {
    title: 'a second document with the same id is refused',
    outcome: ['done', ['MongoServerError', 11_000]],
    steps: async ({ things }) => [
      await refusalOf(things.insertOne({ _id: 'a' })),
      await refusalOf(things.insertOne({ _id: 'a' })),
    ],
  },
  {
    title: 'an index that is unique for some documents refuses a second one of these only',
    outcome: ['done', ['MongoServerError', 11_000], 'done', 'done', ['MongoServerError', 11_000]],
    steps: async ({ things }) => {
      const key = {
        key: { use: 1 },
        unique: true,
        partialFilterExpression: { use: { $in: ['current', 'next'] } },
      } as const
      await things.createIndexes([key])
      return [
        await refusalOf(things.insertOne({ _id: 1, use: 'current' })),
        await refusalOf(things.insertOne({ _id: 2, use: 'current' })),
        await refusalOf(things.insertOne({ _id: 3, use: 'retired' })),
        await refusalOf(things.insertOne({ _id: 4, use: 'retired' })),
        await refusalOf(things.updateOne({ _id: 4 }, { $set: { use: 'current' } })),
      ]
    },
  },
  {
    title: 'an unordered batch writes every document that is not refused itself, and names the others',
    outcome: [
      'MongoBulkWriteError',
      [
        [1, 11_000],
        [3, 11_000],
      ],
      ['a', 'b', 'c'],
    ],
    steps: async ({ things }) => {
      const docs = [{ _id: 'a' }, { _id: 'a' }, { _id: 'b' }, { _id: 'b' }, { _id: 'c' }]
      const error = await things.insertMany(docs, { ordered: false }).catch((thrown: unknown) => thrown)
      const { constructor, writeErrors } = error as Error & { writeErrors: { index: number; code: number }[] }
      const found = await ids(things.find().sort({ _id: 1 }))
      return [constructor.name, [writeErrors].flat().map(({ index, code }) => [index, code]), found]
    },
  },
  {
    title: 'an ordered batch ends at the first document that is refused',
    outcome: [['MongoBulkWriteError', 11_000], ['a']],
    steps: async ({ things }) => [
      await refusalOf(things.insertMany([{ _id: 'a' }, { _id: 'a' }, { _id: 'b' }])),
      await ids(things.find()),
    ],
  },
  {
    title: 'a batch of replacements says how many documents it found, and a document of another revision stays',
    outcome: [
      2,
      2,
      0,
      [
        { _id: 'a', n: 9, revision: 2 },
        { _id: 'b', n: 1, revision: 1 },
        { _id: 'c', n: 9, revision: 2 },
      ],
    ],
    steps: async ({ things }) => {
      await things.insertMany(['a', 'b', 'c'].map(_id => ({ _id, n: 1, revision: 1 })))
      const replacing = (_id: string, revision: number) => ({
        replaceOne: { filter: { _id, revision }, replacement: { n: 9, revision: revision + 1 } },
      })
      const operations = [replacing('a', 1), replacing('b', 7), replacing('c', 1)]
      const { matchedCount, modifiedCount, upsertedCount } = await things.bulkWrite(operations, { ordered: false })
      return [matchedCount, modifiedCount, upsertedCount, await things.find().sort({ _id: 1 }).toArray()]
    },
  },
  {
    title: 'an update that changes nothing matches, and modifies nothing; a replacement always modifies',
    outcome: [
      [1, 0],
      [1, 1],
      [0, 0],
      [1, 1],
    ],
    steps: async ({ things }) => {
      const same = { n: 1, inner: { list: [1] } }
      await things.insertOne({ _id: 'a', ...same })
      const results = [
        await things.updateOne({ _id: 'a' }, { $set: same, $unset: { missing: '' } }),
        await things.replaceOne({ _id: 'a' }, same),
        await things.updateMany({ _id: 'b' }, { $set: { n: 2 } }),
        await things.updateOne({ _id: 'a' }, { $set: { inner: { list: [2] } } }),
      ]
      return results.map(result => 'matchedCount' in result && [result.matchedCount, result.modifiedCount])
    },
  },
  {
    title: 'the operators of an update change fields that are there, missing, or inside others',
    outcome: { _id: 'a', n: 3, most: 7, inner: { kept: 1, made: 2 }, fresh: 1, deep: { er: 5 } },
    steps: async ({ things }) => {
      await things.insertOne({ _id: 'a', n: 1, most: 7, gone: 1, inner: { kept: 1, gone: 2 } })
      await things.updateOne(
        { _id: 'a' },
        {
          $inc: { n: 2, fresh: 1, 'deep.er': 5 } as never,
          $max: { most: 3 },
          $set: { 'inner.made': 2 },
          $unset: { gone: '', 'inner.gone': '', missing: '' },
          $setOnInsert: { never: 1 },
        },
      )
      return things.findOne({ _id: 'a' })
    },
  },
  {
    title: 'an upsert inserts what its filter sets equal and what the update sets, once',
    outcome: [1, 0, { _id: 'a', tenant: 't', n: 1, at: 5 }, { _id: 'a', tenant: 't', n: 2, at: 5 }],
    steps: async ({ things }) => {
      const upsert = () =>
        things.updateOne(
          { _id: 'a', tenant: 't', x: { $exists: false } },
          { $inc: { n: 1 } as never, $setOnInsert: { at: 5 } },
          { upsert: true },
        )
      const { upsertedCount: first } = await upsert()
      const before = await things.findOne()
      const { upsertedCount: second } = await upsert()
      return [first, second, before, await things.findOne()]
    },
  },
  {
    title: 'a replacement of a missing document inserts it only as an upsert, with the id of its filter',
    outcome: [[0, 0], 0, [0, 1], { _id: 'a', n: 1 }],
    steps: async ({ things }) => {
      const counts = ({ matchedCount, upsertedCount }: { matchedCount: number; upsertedCount: number }) => [
        matchedCount,
        upsertedCount,
      ]
      const first = counts(await things.replaceOne({ _id: 'a' }, { n: 1 }))
      const count = await things.countDocuments()
      return [
        first,
        count,
        counts(await things.replaceOne({ _id: 'a' }, { n: 1 }, { upsert: true })),
        await things.findOne(),
      ]
    },
  },
  {
    title: 'what is undefined is not stored, and is null in an array',
    outcome: { _id: 'a', list: [1, null], inner: {} },
    steps: async ({ things }) => {
      await things.insertOne({ _id: 'a', n: undefined, list: [1, undefined], inner: { x: undefined } })
      await things.updateOne({ _id: 'a' }, { $set: { other: undefined, list: [1, null] } })
      return things.findOne({ _id: 'a' })
    },
  },
  {
    title: 'a pipeline updates from the fields of the document, and can remove one',
    outcome: [
      { _id: 'a', status: 'dead', reason: 'exhausted', revision: 2, list: [{ n: 1 }, { n: 2 }] },
      { _id: 'b', status: 'cancelled', reason: 'cancelled', revision: 2, list: [] },
      { _id: 'c', status: 'delivered', revision: 2, list: [] },
    ],
    steps: async ({ things }) => {
      await things.insertMany([
        {
          _id: 'a',
          status: 'held',
          reason: 'replay',
          revision: 1,
          list: [{ n: 1, response: 'x' }, { n: 2 }],
          statusBefore: 'dead',
          reasonBefore: 'exhausted',
        },
        { _id: 'b', status: 'held', reason: 'replay', revision: 1, list: [] },
        { _id: 'c', status: 'held', reason: 'replay', revision: 1, list: [], statusBefore: 'delivered' },
      ])
      await things.updateMany({ status: 'held' }, [
        {
          $set: {
            status: { $ifNull: ['$statusBefore', 'cancelled'] },
            reason: { $ifNull: ['$reasonBefore', { $cond: ['$statusBefore', '$$REMOVE', 'cancelled'] }] },
            revision: { $add: ['$revision', 1] },
            list: { $map: { input: '$list', in: { $unsetField: { field: 'response', input: '$$this' } } } },
          },
        },
        { $unset: ['statusBefore', 'reasonBefore'] },
      ])
      return things.find().sort({ _id: 1 }).toArray()
    },
  },
  {
    title: 'a pipeline may compare with the server’s time and insert by it',
    outcome: [1, true, 0, 1],
    steps: async ({ things }) => {
      const extend = [{ $set: { holder: 'h', until: { $add: ['$$NOW', 60_000] } } }]
      const { upsertedCount } = await things.updateOne({ _id: 'lease', holder: 'h' }, extend, { upsert: true })
      const stored = (await things.findOne()) as { until?: unknown } | null
      const lapsed = { _id: 'lease', $expr: { $lt: ['$until', '$$NOW'] } }
      const before = (await things.updateOne(lapsed, [{ $set: { holder: 'x' } }])).matchedCount
      await things.updateOne({ _id: 'lease' }, { $set: { until: new Date(0) } })
      const after = (await things.updateOne(lapsed, [{ $set: { holder: 'x' } }])).matchedCount
      return [upsertedCount, stored?.until instanceof Date, before, after]
    },
  },
  {
    title: 'of the documents that match, the first in the order is changed, and returned as it is then',
    outcome: [{ _id: 't-3', n: 3, taken: true }, null, 1],
    steps: async side => {
      await fill(side, ...numbered(4))
      const take = { $set: { taken: true } }
      return [
        await side.things.findOneAndUpdate({ n: { $gte: 1 } }, take, { sort: { n: -1 }, returnDocument: 'after' }),
        await side.things.findOneAndUpdate({ n: 99 }, take, { returnDocument: 'after' }),
        await side.things.countDocuments({ taken: true }),
      ]
    },
  },
  {
    title: 'a query is ordered, cut and projected',
    outcome: [[{ n: 4 }, { n: 3 }], [{ _id: 't-4' }], [{ _id: 't-0', a: 1 }], [{ a: 1, b: 2, n: 0 }]],
    steps: async side => {
      const { things } = side
      await fill(side, { ...numbered(1)[0], a: 1, b: 2 }, ...numbered(5).slice(1))
      return [
        await things
          .find({}, { projection: { _id: 0, n: 1 } })
          .sort({ n: -1 })
          .limit(2)
          .toArray(),
        await things.find({ n: 4 }).project({ _id: 1 }).toArray(),
        await things.find({ n: 0 }, { projection: { a: 1 } }).toArray(),
        await things
          .find({ n: 0 }, { projection: { _id: 0 } })
          .toArray()
          .then(([first]) => [{ a: first?.['a'], b: first?.['b'], n: first?.['n'] }]),
      ]
    },
  },
  {
    title: 'comparisons find values of the same type only; a missing field is not equal to anything',
    outcome: [
      ['n1', 'n2'],
      ['s', 'sa'],
      ['n2'],
      ['empty', 'n2', 'null', 's', 'sa'],
      ['empty'],
      ['n1', 'n2', 'null', 's', 'sa'],
      ['empty', 'null'],
      ['n1', 's'],
    ],
    steps: async side => {
      await fill(
        side,
        { _id: 'n1', v: 1 },
        { _id: 'n2', v: 2 },
        { _id: 's', v: '' },
        { _id: 'sa', v: 'a' },
        { _id: 'null', v: null },
        { _id: 'empty' },
      )
      const found = (filter: object) => ids(side.things.find(filter as never).sort({ _id: 1 }))
      return [
        await found({ v: { $gte: 0 } }),
        await found({ v: { $gte: '' } }),
        await found({ v: { $gt: 1, $lte: 2 } }),
        await found({ v: { $ne: 1 } }),
        await found({ v: { $exists: false } }),
        await found({ v: { $exists: true } }),
        await found({ v: null }),
        await found({ v: { $in: [1, ''] } }),
      ]
    },
  },
  {
    title: 'values of different types have one order: missing and null, numbers, texts, booleans, dates',
    outcome: ['missing', 'null', 'number', 'text', 'false', 'true', 'date'],
    steps: async side => {
      const docs = [
        { _id: 'date', v: new Date(5) },
        { _id: 'true', v: true },
        { _id: 'text', v: 'a' },
        { _id: 'false', v: false },
        { _id: 'number', v: 7 },
        { _id: 'null', v: null },
        { _id: 'missing' },
      ]
      await fill(side, ...docs.toReversed())
      return ids(side.things.find().sort({ v: 1, _id: 1 }))
    },
  },
  {
    title: 'a path and an array match by their elements',
    outcome: [['a'], ['a', 'b'], ['b'], ['a'], []],
    steps: async side => {
      const { things } = side
      await fill(
        side,
        { _id: 'a', list: [1, 2], attempts: [{ response: 'for p-1.' }, { n: 1 }] },
        { _id: 'b', list: [2, 3], circuit: { phase: 'open' } },
      )
      const found = (filter: object) => ids(things.find(filter as never).sort({ _id: 1 }))
      return [
        await found({ 'attempts.response': /(?<![\w-])p-1(?![\w-])/ }),
        await found({ list: 2 }),
        await found({ 'circuit.phase': 'open' }),
        await found({ list: { $in: [1] } }),
        await found({ 'attempts.response': /p-2/ }),
      ]
    },
  },
  {
    title: 'conditions are combined, and a range of ids is in their order',
    outcome: [['e-1.a', 'e-1.b'], ['e-1.b', 'e-2.a'], ['e-2.a']],
    steps: async side => {
      const { things } = side
      await fill(side, { _id: 'e-1.a', n: 1 }, { _id: 'e-1.b', n: 2 }, { _id: 'e-10.a', n: 3 }, { _id: 'e-2.a', n: 4 })
      const range = (event: string) => ({ _id: { $gte: `${event}.`, $lt: `${event}/` } })
      return [
        await ids(things.find(range('e-1')).sort({ _id: 1 })),
        await ids(things.find({ $or: [{ n: 2 }, range('e-2')] }).sort({ _id: 1 })),
        await ids(
          things.find({ $and: [{ n: { $gt: 1 } }, { $or: [{ n: { $gt: 3 } }, { n: 3, _id: { $lt: 'e-1' } }] }] }),
        ),
      ]
    },
  },
  {
    title: 'documents are grouped, counted and told apart',
    outcome: [
      [
        { _id: { s: 'x', u: 'p' }, count: 2, oldest: 3 },
        { _id: { s: 'y', u: 'p' }, count: 1, oldest: 9 },
      ],
      2,
      4,
      ['x', 'y'],
    ],
    steps: async side => {
      const { things } = side
      await fill(
        side,
        { _id: 0, s: 'x', u: 'p', at: 5 },
        { _id: 1, s: 'x', u: 'p', at: 3 },
        { _id: 2, s: 'y', u: 'p', at: 9 },
        { _id: 3, s: 'y', u: 'q', at: 1 },
      )
      const group = { $group: { _id: { s: '$s', u: '$u' }, count: { $sum: 1 }, oldest: { $min: '$at' } } }
      const groups = await things.aggregate<{ count: number }>([{ $match: { u: 'p' } }, group]).toArray()
      return [
        groups.toSorted((a, b) => b.count - a.count),
        await things.countDocuments({ s: 'x' }),
        await things.estimatedDocumentCount(),
        (await things.distinct('s')).toSorted(),
      ]
    },
  },
  {
    title: 'one or all documents that match are deleted',
    outcome: [1, 0, 3, 0],
    steps: async side => {
      await fill(side, ...numbered(4))
      return [
        (await side.things.deleteOne({ n: { $gte: 0 } })).deletedCount,
        (await side.things.deleteOne({ n: 99 })).deletedCount,
        (await side.things.deleteMany({})).deletedCount,
        await side.things.countDocuments(),
      ]
    },
  },
]
