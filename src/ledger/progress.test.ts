import test from 'ava'
import { ledgerOfFile, newTenant } from '../../test/support/ledger.ts'

const ledger = ledgerOfFile()
const clear = () =>
  Promise.all([ledger().db.collection('progress').deleteMany({}), ledger().db.collection('deliveries').deleteMany({})])

test.serial('progress is raised by any process, and never lowered', async t => {
  await clear()
  const { progress } = ledger()
  t.deepEqual(await progress.load(), { processed: new Map(), highest: null })
  await progress.save({ processed: new Map(), highest: null })
  t.is(await ledger().db.collection('progress').countDocuments(), 0)
  await progress.save({
    processed: new Map([
      [0, 7],
      [3, 9],
    ]),
    highest: { sequence: 9, at: 1_000 },
  })
  await progress.save({
    processed: new Map([
      [0, 5],
      [3, 11],
      [15, 2],
    ]),
    highest: { sequence: 8, at: 2_000 },
  })
  t.deepEqual(await progress.load(), {
    processed: new Map([
      [0, 7],
      [3, 11],
      [15, 2],
    ]),
    highest: { sequence: 9, at: 2_000 },
  })
})

test.serial('where none was stored yet, the rows know the highest number', async t => {
  await clear()
  const { progress, deliveries } = ledger()
  const { row } = newTenant()
  for (const [id, streamSequence, createdAt] of [
    ['a', 5, 10],
    ['b', 42, 20],
    ['c', 17, 30],
  ] as const)
    await deliveries.insert(row(id, { streamSequence, createdAt }))
  t.deepEqual(await progress.load(), { processed: new Map(), highest: { sequence: 42, at: 20 } })
  await progress.save({ processed: new Map(), highest: { sequence: 3, at: 40 } })
  t.deepEqual((await progress.load()).highest, { sequence: 3, at: 40 })
})
