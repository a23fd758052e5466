import { EventEmitter } from 'node:events'
import test from 'ava'
import type { MongoClient } from 'mongodb'
import type { PoolState } from '../../observability/metrics/ledger.ts'
import { noObserver, observeClient } from './observer.ts'

test('the observer receives each command with its duration and class of error, except those that wait for new data by design', t => {
  const client = new EventEmitter()
  const commands: unknown[][] = []
  observeClient(client as MongoClient, 32, { ...noObserver, commanded: (...command) => void commands.push(command) })
  client.emit('commandSucceeded', { commandName: 'find', duration: 3 })
  client.emit('commandSucceeded', { commandName: 'getMore', duration: 1_000 })
  client.emit('commandFailed', { commandName: 'insert', duration: 4, failure: new TypeError('x') })
  t.deepEqual(commands, [
    ['find', 3, ''],
    ['insert', 4, 'TypeError'],
  ])
})

test('the pool’s connections are counted as idle or used, and so are the callers that wait for one', t => {
  const client = new EventEmitter()
  const pools: (() => PoolState)[] = []
  observeClient(client as MongoClient, 32, { ...noObserver, poolIs: read => void pools.push(read) })
  const after = (...events: string[]) => {
    events.forEach(event => client.emit(event))
    return pools[0]?.()
  }
  t.is(pools.length, 1)
  t.deepEqual(after(), { idle: 0, used: 0, awaited: 0, max: 32 })
  t.deepEqual(after('connectionCheckOutStarted', 'connectionCheckOutStarted', 'connectionCheckOutStarted'), {
    idle: 0,
    used: 0,
    awaited: 3,
    max: 32,
  })
  t.deepEqual(after('connectionCreated', 'connectionCreated', 'connectionCheckedOut'), {
    idle: 1,
    used: 1,
    awaited: 2,
    max: 32,
  })
  t.deepEqual(after('connectionCheckOutFailed'), { idle: 1, used: 1, awaited: 1, max: 32 })
  t.deepEqual(after('connectionCheckedOut'), { idle: 0, used: 2, awaited: 0, max: 32 })
  t.deepEqual(after('connectionCheckedIn'), { idle: 1, used: 1, awaited: 0, max: 32 })
  t.deepEqual(after('connectionClosed', 'connectionClosed'), { idle: 0, used: 1, awaited: 0, max: 32 })
})
