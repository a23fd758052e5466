import test from 'ava'
import { mongodbUrl } from '../../test/support/servers.ts'
import { isFailure } from '../domain/failure.ts'
import type { PoolState } from '../../observability/metrics/ledger.ts'
import { connectDatabase } from './database.ts'
import { noObserver } from './observer.ts'

test('a write is durable when a majority of the servers has it in its journal, and nothing is read that could be rolled back', async t => {
  const { client, db } = await connectDatabase(mongodbUrl(), 'doorbell_options')
  t.teardown(() => client.close())
  t.is(db.databaseName, 'doorbell_options')
  t.like(client.options, {
    appName: 'doorbell',
    writeConcern: { w: 'majority', journal: true },
    readConcern: { level: 'majority' },
    retryWrites: true,
    retryReads: true,
    ignoreUndefined: true,
    maxPoolSize: 32,
    serverSelectionTimeoutMS: 5_000,
    monitorCommands: false,
  })
  t.like(db.writeConcern, { w: 'majority', journal: true })
})

test('a server that refuses the connection is reported as ledger_unavailable, and no connection stays open', async t => {
  const pool: (() => PoolState)[] = []
  const url = mongodbUrl().replace('mongodb://', 'mongodb://nobody:wrong@')
  const error = await t.throwsAsync(connectDatabase(url, 'x', { ...noObserver, poolIs: read => void pool.push(read) }))
  t.true(isFailure(error, 'ledger_unavailable'))
  t.like(pool[0]?.(), { idle: 0, used: 0 })
})

test('commands are reported to an observer, and the driver spares the work without one', async t => {
  const commands: string[] = []
  const observer = { ...noObserver, commanded: (operation: string) => void commands.push(operation) }
  const { client, db } = await connectDatabase(mongodbUrl(), 'doorbell_options', observer)
  await db.command({ ping: 1 })
  await client.close()
  t.is(commands[0], 'ping')
})
