import test from 'ava'
import { type Db, MongoNetworkError, MongoServerError } from 'mongodb'
import { freshName, mongodbUrl } from '../../test/support/servers.ts'
import { isFailure } from '../domain/failure.ts'
import { ensureCollections } from './ensure-collections.ts'
import { type Ledger, openLedger } from './ledger.ts'
import { noObserver } from './observer.ts'
import { validators } from './validators.ts'

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

test('the database has exactly these indexes, and expired documents are removed at the moment in their expireAt', async t => {
  const [{ db }] = processes
  const names = (await db.listCollections().toArray()).map(({ name }) => name)
  t.deepEqual(names.toSorted(), Object.keys(validators).toSorted())
  const found = await Promise.all(
    names.map(async name =>
      (await db.collection(name).indexes())
        .filter(index => index.name !== '_id_')
        .map(({ key, unique, partialFilterExpression, expireAfterSeconds }) =>
          [
            `${name}: ${Object.entries(key)
              .map(([field, direction]) => `${field} ${String(direction)}`)
              .join(', ')}`,
            ...(unique === true ? ['unique'] : []),
            ...(partialFilterExpression === undefined ? [] : [`where ${JSON.stringify(partialFilterExpression)}`]),
            ...(expireAfterSeconds === undefined ? [] : [`removed after ${expireAfterSeconds} s`]),
          ].join(', '),
        ),
    ),
  )
  t.deepEqual(found.flat().toSorted(), indexes)
})

test('a second start finds collections and validators up to date and changes none; a validator that was changed by hand is restored', async t => {
  const [{ db }] = processes
  const commands = new Set<string>()
  const observer = { ...noObserver, commanded: (operation: string) => void commands.add(operation) }
  const again = await open(observer)
  await again.close()
  t.false(commands.has('create') || commands.has('collMod'), [...commands].join())

  await db.command({ collMod: 'tokens', validator: {} })
  const repaired = await open(observer)
  await repaired.close()
  t.true(commands.has('collMod'))
  await t.throwsAsync(db.collection('tokens').insertOne({ tenant: 'acme' }), { message: /validation/ })
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

/** A database that answers each command of one collection as the test wants; the others exist already. */
const scripted = (answers: readonly (number | Error | null)[]) => {
  const commands: string[] = []
  const waits: number[] = []
  const left = [...answers]
  const answer = async (command: string) => {
    commands.push(command)
    const next = left.shift() ?? null
    if (next instanceof Error) throw next
    if (next !== null) throw new MongoServerError({ message: `code ${next}`, code: next })
  }
  const [{ db: real }] = processes
  const db = {
    listCollections: (filter: object) => ({
      toArray: async () => (await real.listCollections(filter).toArray()).filter(({ name }) => name !== 'tokens'),
    }),
    createCollection: (name: string, { validationLevel, validationAction }: Record<string, string>) =>
      answer(`create ${name} ${validationLevel} ${validationAction}`),
    command: ({ collMod, validationLevel, validationAction }: Record<string, string>) =>
      answer(`collMod ${collMod} ${validationLevel} ${validationAction}`),
    collection: (name: string) => ({
      createIndexes: async (wanted: readonly unknown[]) => {
        if (name === 'tokens') commands.push(`${wanted.length} indexes of ${name}`)
        if (wanted.length === 0) throw new Error('MongoDB refuses an empty list of indexes')
      },
    }),
  }
  const ensured = () => ensureCollections(db as unknown as Db, async ms => void waits.push(ms))
  return { commands, waits, ensured }
}
const create = 'create tokens strict error'
const modify = 'collMod tokens strict error'
const indexesOfTokens = '2 indexes of tokens'

test('a collection that another process creates first is brought up to date, as soon as no index of it is being built', async t => {
  const simple = scripted([null])
  await simple.ensured()
  t.deepEqual(simple.commands, [create, indexesOfTokens])
  const raced = scripted([48, 12_587, 48, null])
  await raced.ensured()
  t.deepEqual(raced.commands, [create, modify, create, modify, indexesOfTokens])
  t.deepEqual(raced.waits, [200])
  for (const [fault, isAway] of [
    [13, true],
    [new MongoNetworkError('away'), true],
    [new TypeError('a defect'), false],
  ] as const) {
    const failing = scripted([fault])
    const error = await t.throwsAsync(failing.ensured())
    t.is(isFailure(error, 'ledger_unavailable'), isAway)
    t.deepEqual(failing.commands, [create])
  }
})
