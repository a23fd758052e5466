import { setImmediate } from 'node:timers/promises'
import { inspect } from 'node:util'
import test, { type ExecutionContext } from 'ava'
import type { CommandStartedEvent, CommandSucceededEvent } from 'mongodb'
import { takeLedger } from '../../test/support/databases.ts'
import { key, methods, other, stored, worldOf } from '../../test/support/ledger-methods.ts'
import { isFailure } from '../domain/failure.ts'
import type { Ledger } from './ledger.ts'
import { noObserver } from './observer.ts'

/** Tested where they are used: change streams, and the end. */
const streams = ['live.rows$', 'subscriptions.watch', 'close']
/** Not of any tenant: tested in upkeep.test.ts and progress.test.ts. */
const upkeep: readonly string[] = ['db', 'requirements', 'doubts$', 'progress']

const namesOf = (ledger: Ledger): string[] =>
  Object.entries(ledger)
    .filter(([name]) => !upkeep.includes(name))
    .flatMap(([name, store]) =>
      typeof store === 'function' ? [name] : Object.keys(store).map(method => `${name}.${method}`),
    )

/** The collections that a method works on. */
const collectionsOf = (method: string): readonly string[] => {
  const [store = ''] = method.split('.')
  if (store === 'eraseRows' || store === 'visitOrder') return ['deliveries']
  if (store === 'retention') return ['tenants', 'deliveries']
  return store === 'replays' ? ['replays', 'deliveries'] : [store]
}

const setUp = async (t: ExecutionContext) => {
  const ledger = await takeLedger(t, { observer: { ...noObserver } })
  const [started, replies]: [CommandStartedEvent[], CommandSucceededEvent[]] = [[], []]
  ledger.db.client.on('commandStarted', event => started.push(event))
  ledger.db.client.on('commandSucceeded', event => replies.push(event))
  return { ledger, started, replies }
}

const writes = new Set(['insert', 'update', 'delete', 'findAndModify', 'bulkWrite', 'commitTransaction'])
const reads = new Set(['find', 'aggregate', 'count', 'distinct'])

/** True for a command that found or changed something. */
const hadEffect = ({ commandName, reply }: { commandName: string; reply: unknown }): boolean =>
  writes.has(commandName) && /\b(n|nModified): [1-9]/.test(show(reply))

const isNothing = (result: unknown): boolean =>
  result === undefined ||
  result === null ||
  result === false ||
  result === 0 ||
  (Array.isArray(result) && result.length === 0) ||
  ((result instanceof Map || result instanceof Set) && result.size === 0)

const show = (value: unknown): string => inspect(value, { depth: 9, maxArrayLength: null, maxStringLength: null })

/** Every document as text, by its collection and id. */
const snapshot = async (ledger: Ledger): Promise<Record<string, string>> => {
  const names = await ledger.db.listCollections({}, { nameOnly: true }).toArray()
  const all = await Promise.all(
    names.map(async ({ name }) =>
      (await ledger.db.collection(name).find().toArray()).map(each => [
        `${name} ${String(each._id)}`,
        JSON.stringify(each),
      ]),
    ),
  )
  return Object.fromEntries(all.flat().toSorted())
}

const ofOthers = (all: Record<string, string>) =>
  Object.entries(all).filter(([id, text]) => id.includes(other) || /"tenant":"m\d+-other"/.test(text))

/** Decisions wait for these reads: they must show every change that was answered before. */
const confirmed = new Set(['all', 'current', 'versions', 'isStored'].map(name => `subscriptions.${name}`))

test('no method of any store shows, counts or changes a document of another tenant; each write waits for the majority’s journal', async t => {
  const { ledger, started, replies } = await setUp(t)
  t.deepEqual(Object.keys(methods).concat(streams).toSorted(), namesOf(ledger).toSorted(), 'every method has its row')

  const worlds = Object.keys(methods).map((_, n) => ({ ours: worldOf(n, ''), theirs: worldOf(n, other) }))
  const documents = Object.keys(methods).flatMap((name, n) => {
    const { ours, theirs } = worlds[n] as (typeof worlds)[number]
    return collectionsOf(name).flatMap(collection =>
      [ours, theirs].flatMap(of => (of.documents[collection] ?? []).map(document => ({ collection, document }))),
    )
  })
  const inserted = [...Map.groupBy(documents, ({ collection }) => collection)].map(([name, all]) =>
    ledger.db.collection(name).insertMany(all.map(({ document }) => document)),
  )
  await Promise.all(inserted)
  await ledger.db.collection('keys').insertOne({ ...stored({ id: 'kid-2', ...key('', 'next') }, 'kid') })
  const before = await snapshot(ledger)

  const foreignCalls = Object.entries(methods).map(async ([name, method], n) => {
    const { ours, theirs } = worlds[n] as (typeof worlds)[number]
    if ('foreign' in method)
      t.deepEqual(await method.call(ledger, ours.tenant, theirs), method.foreign, `${name} with another tenant’s ids`)
  })
  await Promise.all(foreignCalls)
  t.deepEqual(await snapshot(ledger), before, 'a call with another tenant’s ids changes nothing')

  for (const [n, [name, { call, fleet }]] of Object.entries(methods).entries()) {
    const { ours } = worlds[n] as (typeof worlds)[number]
    const [first, firstReply] = [started.length, replies.length]
    const result = await call(ledger, ours.tenant, ours)
    t.is(started.length, replies.length, `${name} resolves when its commands are answered`)
    const last = started.length
    await setImmediate()
    await setImmediate()
    t.is(started.length, last, `${name} sends nothing after it resolved`)
    if (fleet !== true) t.false(show(result).includes(other), `${name} shows another tenant’s ids: ${show(result)}`)
    t.true(!isNothing(result) || replies.slice(firstReply).some(hadEffect), `${name} does something`)
    for (const { commandName, command } of started.slice(first)) {
      if (command['autocommit'] === false && commandName !== 'commitTransaction') continue
      if (writes.has(commandName))
        t.like(command['writeConcern'], { w: 'majority', j: true }, `${name}: ${commandName}`)
      const level = confirmed.has(name) ? 'linearizable' : 'majority'
      if (reads.has(commandName)) t.is(command['readConcern']?.level, level, `${name}: ${commandName}`)
    }
  }
  t.deepEqual(ofOthers(await snapshot(ledger)), ofOthers(before), 'a call changes no document of another tenant')
  const rows = await ledger.db
    .collection('deliveries')
    .find({ expireAt: { $not: { $type: 'date' } } })
    .toArray()
  t.deepEqual(rows, [], 'whatever a call wrote, MongoDB removes every row at some time')
})

test('every method of every store reports a server that is away as ledger_unavailable, so that its work waits', async t => {
  const { ledger } = await setUp(t)
  await ledger.close()
  for (const [n, [name, { call }]] of Object.entries(methods).entries()) {
    const of = worldOf(n, '')
    const error = await t.throwsAsync(async () => call(ledger, of.tenant, of), undefined, name)
    t.true(isFailure(error, 'ledger_unavailable'), `${name}: ${String(error)}`)
  }
})
