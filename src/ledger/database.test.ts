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

test('a server that refuses the user, or is not there, is reported as such, and no connection stays open', async t => {
  for (const [url, code] of [
    [mongodbUrl().replace('mongodb://', 'mongodb://nobody:wrong@'), 'invalid_settings'],
    [mongodbUrl().replace('replicaSet=doorbell', 'replicaSet=another'), 'invalid_settings'],
    [mongodbUrl().replace(/:\d+/, ':1'), 'ledger_unavailable'],
  ] as const) {
    const pool: (() => PoolState)[] = []
    const observer = { ...noObserver, poolIs: (read: () => PoolState) => void pool.push(read) }
    const error = await t.throwsAsync(connectDatabase(url, 'x', observer))
    t.true(isFailure(error, code), url)
    t.like(pool[0]?.(), { idle: 0, used: 0 })
  }
})

test('commands are reported to an observer, and the driver spares the work without one', async t => {
  const commands: string[] = []
  const observer = { ...noObserver, commanded: (operation: string) => void commands.push(operation) }
  const { client, db } = await connectDatabase(mongodbUrl(), 'doorbell_options', observer)
  await db.command({ ping: 1 })
  await client.close()
  t.is(commands[0], 'ping')
})
