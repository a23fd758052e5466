import type { ChangeStream, ChangeStreamDocument, ClientSession } from 'mongodb'
import { openChanges } from '../../../src/ledger/open-changes.ts'
import { type Behaviour, refusalOf } from './hold.ts'
import type { LedgerSide } from './ledger-sides.ts'

type Things = LedgerSide['things']

/** Opens a change stream. The result reads its next changes, and closes it. */
const follow = async (things: Things, pipeline: object[] = []) => {
  const stream = things.watch(pipeline, { fullDocument: 'updateLookup' }) as ChangeStream
  const changes = await openChanges(stream)
  return async (count: number) => {
    const found: unknown[] = []
    while (found.length < count) found.push(shortOf((await changes.next()).value as ChangeStreamDocument))
    await stream.close()
    return found
  }
}

const shortOf = (change: ChangeStreamDocument) => {
  const { operationType } = change
  const { _id } = (change as { documentKey: { _id: unknown } }).documentKey
  return [operationType, _id, 'fullDocument' in change ? (change.fullDocument ?? null) : undefined]
}

/** Runs work in a transaction. */
const together = ({ db }: LedgerSide, work: (session: ClientSession) => Promise<void>) =>
  (
    db as unknown as { client: { withSession<T>(run: (session: ClientSession) => Promise<T>): Promise<T> } }
  ).client.withSession(session => session.withTransaction(() => work(session)))

export const ledgerChanges: readonly Behaviour<LedgerSide>[] = [
  {
    title: 'a change stream has every change from its opening on, in order, with the document',
    outcome: [
      ['insert', 'b', { _id: 'b', n: 1 }],
      ['update', 'a', { _id: 'a', n: 2 }],
      ['replace', 'b', { _id: 'b', m: 1 }],
      ['delete', 'a', undefined],
    ],
    steps: async ({ things }) => {
      await things.insertOne({ _id: 'a', n: 1 })
      const next = await follow(things)
      await things.insertOne({ _id: 'b', n: 1 })
      await things.updateOne({ _id: 'a' }, { $inc: { n: 1 } as never })
      const first = next(4)
      // The stream reads the document of an update when it delivers it.
      await new Promise(resolve => setTimeout(resolve, 100))
      await things.replaceOne({ _id: 'b' }, { m: 1 })
      await things.deleteOne({ _id: 'a' })
      return first
    },
  },
  {
    title: 'the document of an update is that of its delivery: null when it was deleted by then',
    outcome: [
      ['insert', 'a', { _id: 'a', n: 1 }],
      ['update', 'a', null],
      ['delete', 'a', undefined],
    ],
    steps: async ({ things }) => {
      const stream = things.watch([], { fullDocument: 'updateLookup' }) as ChangeStream
      const changes = await openChanges(stream)
      await things.insertOne({ _id: 'z' })
      await changes.next()
      await things.insertOne({ _id: 'a', n: 1 })
      await things.updateOne({ _id: 'a' }, { $inc: { n: 1 } as never })
      await things.deleteOne({ _id: 'a' })
      const found: unknown[] = []
      while (found.length < 3) found.push(shortOf((await changes.next()).value as ChangeStreamDocument))
      await stream.close()
      return found
    },
  },
  {
    title:
      'an update that changes nothing, and a write that is refused, are no changes; a replacement always is; a pipeline selects',
    outcome: [
      ['replace', 'a', { _id: 'a', n: 1 }],
      ['insert', 'b', { _id: 'b' }],
      ['insert', 'c', { _id: 'c' }],
    ],
    steps: async ({ things }) => {
      await things.insertOne({ _id: 'a', n: 1 })
      const next = await follow(things, [{ $match: { operationType: { $in: ['insert', 'replace', 'update'] } } }])
      await things.updateOne({ _id: 'a' }, { $set: { n: 1 } })
      await things.replaceOne({ _id: 'a' }, { n: 1 })
      await refusalOf(things.insertOne({ _id: 'a' }))
      await things.insertOne({ _id: 'b' })
      await things.deleteOne({ _id: 'b' })
      await things.insertOne({ _id: 'c' })
      return next(3)
    },
  },
  {
    title: 'updates of many and of a batch are changes of each document',
    outcome: ['a', 'b', 'c'],
    steps: async ({ things }) => {
      await things.insertMany(['a', 'b', 'c'].map(_id => ({ _id, n: 1 })))
      const next = await follow(things)
      await things.updateMany({ _id: { $in: ['a', 'b'] } }, [{ $set: { n: { $add: ['$n', 1] } } }])
      await things.bulkWrite([{ replaceOne: { filter: { _id: 'c' }, replacement: { n: 5 } } }])
      return ((await next(3)) as [string, string][]).map(([, id]) => id)
    },
  },
  {
    title: 'a stream that is closed ends its reader',
    outcome: 'ended',
    steps: async ({ things }) => {
      const stream = things.watch() as ChangeStream
      const changes = await openChanges(stream)
      const reading = changes.next().then(
        () => 'ended',
        () => 'ended',
      )
      await stream.close()
      return reading
    },
  },
  {
    title: 'nobody sees the writes of a transaction before its end, and then all of them at once',
    outcome: [[1], 1, [2, 3]],
    steps: async side => {
      const { things } = side
      await things.insertOne({ _id: 'a', n: 1 })
      const [seen, inside] = [[] as unknown[], [] as unknown[]]
      await together(side, async session => {
        await things.updateOne({ _id: 'a' }, { $set: { n: 2 } }, { session })
        await things.insertOne({ _id: 'b', n: 3 }, { session })
        seen.push(...(await things.find().toArray()).map(({ n }) => n))
        inside.push((await things.updateOne({ _id: 'b', n: 3 }, { $set: { m: 1 } }, { session })).matchedCount)
      })
      return [seen, inside[0], (await things.find().sort({ _id: 1 }).toArray()).map(({ n }) => n)]
    },
  },
  {
    title: 'a transaction that throws leaves nothing behind, and its documents free',
    outcome: ['thrown', [1], 'done'],
    steps: async side => {
      const { things } = side
      await things.insertOne({ _id: 'a', n: 1 })
      const result = await together(side, async session => {
        await things.updateOne({ _id: 'a' }, { $set: { n: 2 } }, { session })
        await things.insertOne({ _id: 'b', n: 3 }, { session })
        throw new Error('thrown')
      }).catch((error: Error) => error.message)
      return [
        result,
        (await things.find().toArray()).map(({ n }) => n),
        await refusalOf(things.insertOne({ _id: 'b' })),
      ]
    },
  },
  {
    title: 'of two transactions on one document one is repeated after the other',
    outcome: [3, true],
    steps: async side => {
      const { things } = side
      await things.insertOne({ _id: 'a', n: 1 })
      let attempts = 0
      const increment = () =>
        together(side, async session => {
          attempts += 1
          await things.updateOne({ _id: 'a' }, { $inc: { n: 1 } as never }, { session })
          await things.updateOne({ _id: 'a' }, { $set: { x: attempts } }, { session })
        })
      await Promise.all([increment(), increment()])
      return [(await things.findOne())?.['n'], attempts >= 2]
    },
  },
  {
    title: 'of two processes that rotate the keys one does, and one key signs',
    outcome: [
      [false, true],
      ['current', 'next', 'retired'],
    ],
    steps: async ({ ledger: { keys }, db }) => {
      await db.collection('keys').deleteMany({})
      const key = (kid: string, use: string) =>
        ({ kid, use, alg: 'ES256', publicJwk: {}, sealedPrivateJwk: 's', createdAt: 1 }) as never
      await keys.insertFirst(key('k1', 'current'))
      await keys.insertFirst(key('k2', 'next'))
      await keys.insertFirst(key('k9', 'next'))
      const rotated = await Promise.all([
        keys.rotate('k1', 'k2', key('k3', 'next'), 5),
        keys.rotate('k1', 'k2', key('k4', 'next'), 5),
      ])
      const uses = (await keys.load()).map(({ use }) => use)
      await db.collection('keys').deleteMany({})
      return [rotated.toSorted(), uses.toSorted()]
    },
  },
]
