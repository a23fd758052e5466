import { mock } from 'node:test'
import test from 'ava'
import { MongoError, MongoNetworkError, MongoServerError } from 'mongodb'
import { Failure, isFailure } from '../domain/failure.ts'
import { failureOfLedger, guarded, isDuplicate, unhurried, unhurriedly } from './faults.ts'

const serverError = (code: number) => new MongoServerError({ message: `code ${code}`, code })

test('an error of the driver is a server that is away, with a remedy for the operator and a time to retry for the caller', t => {
  for (const error of [
    new MongoError('private'),
    new MongoNetworkError('no route'),
    serverError(11_000),
    serverError(91),
  ]) {
    const failure = failureOfLedger(error) as Failure
    t.true(isFailure(failure, 'ledger_unavailable'))
    t.is(failure.cause, error)
    t.is(failure.retryAfterS, 5)
    t.regex(failure.internal ?? '', /^Mongo\w*Error( \d+)?: check that mongod runs/)
    t.false(failure.message.includes('Mongo'), 'clients do not see it')
    t.false(
      `${failure.internal} ${failure.message}`.includes(error.message),
      'a message of MongoDB may hold a document',
    )
  }
  t.is(
    (failureOfLedger(serverError(13)) as Failure).internal,
    'MongoServerError 13: grant the user of MONGODB_URL the roles readWrite and dbAdmin on its database',
  )
})

test('a defect passes unchanged: waiting does not fix a document that a validator refused', t => {
  for (const defect of [new TypeError('x'), serverError(121), new Failure('not_found', 'x'), 'text'])
    t.is(failureOfLedger(defect), defect)
  const named = Object.assign(new Error('x'), { code: 121 })
  t.is(failureOfLedger(named), named)
})

test('a duplicate is known by the server’s code', t => {
  t.true(isDuplicate(serverError(11_000)))
  t.false(isDuplicate(serverError(121)))
  t.false(isDuplicate(Object.assign(new Error('x'), { code: 11_000 })))
})

test('errors of commands and cursors become failures; results pass', async t => {
  const lost = new MongoNetworkError('lost')
  const documents = async function* (error?: Error) {
    yield 1
    if (error) throw error
    yield 2
  }
  const all = async (found: AsyncIterable<number>) => {
    const values: number[] = []
    for await (const value of found) values.push(value)
    return values
  }
  t.is(await guarded(Promise.resolve(1)), 1)
  t.is(await unhurried(Promise.resolve(1)), 1)
  t.deepEqual(await all(unhurriedly(documents())), [1, 2])
  for (const work of [
    () => guarded(Promise.reject(lost)),
    () => unhurried(Promise.reject(lost)),
    () => all(unhurriedly(documents(lost))),
  ])
    t.true(isFailure(await t.throwsAsync(work), 'ledger_unavailable'))
})

test.serial('a command that the driver never settles fails after 15 seconds, like one with a lost answer', async t => {
  mock.timers.enable({ apis: ['setTimeout'] })
  t.teardown(() => mock.timers.reset())
  let error: unknown
  const command = guarded(new Promise(() => undefined)).catch((thrown: unknown) => (error = thrown))
  mock.timers.tick(14_999)
  await new Promise(setImmediate)
  t.is(error, undefined)
  mock.timers.tick(1)
  await command
  t.true(isFailure(error, 'ledger_unavailable'))
  t.regex((error as Failure).internal ?? '', /^no answer within 15000 ms: check that mongod runs/)
})

test.serial('the limit of a command that is answered does not keep the process from its end', async t => {
  mock.timers.enable({ apis: ['setTimeout'] })
  t.teardown(() => mock.timers.reset())
  const cleared = mock.method(globalThis, 'clearTimeout')
  t.teardown(() => cleared.mock.restore())
  await guarded(Promise.resolve(1))
  t.is(cleared.mock.callCount(), 1)
})
