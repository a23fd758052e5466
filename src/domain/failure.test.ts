import test from 'ava'
import { Failure, isAway, isFailure } from './failure.ts'

test('a failure carries its code, what a client may read, and what only the log has', t => {
  const cause = new Error('inner')
  const faults = [{ pointer: '/a', detail: 'is missing' }]
  const failure = new Failure('invalid_request', 'Bad.', { cause, internal: 'for the log', faults, retryAfterS: 5 })
  t.true(failure instanceof Error)
  t.like(failure, {
    name: 'Failure',
    code: 'invalid_request',
    message: 'Bad.',
    internal: 'for the log',
    retryAfterS: 5,
  })
  t.deepEqual([failure.cause, failure.faults], [cause, faults])
  const bare = new Failure('internal', 'Broken.')
  t.false('cause' in bare)
  t.deepEqual([bare.faults, bare.internal, bare.retryAfterS], [[], undefined, undefined])
})

test('a failure is known by its code, and no other error is', t => {
  t.true(isFailure(new Failure('not_found', ''), 'not_found'))
  t.false(isFailure(new Failure('not_found', ''), 'conflict'))
  t.false(isFailure(Object.assign(new Error(''), { code: 'not_found' }), 'not_found'))
})

test('exactly a NATS or MongoDB that is unreachable or cannot keep what is promised is away', t => {
  for (const code of ['ledger_unavailable', 'streams_unavailable', 'promise_broken'] as const)
    t.true(isAway(new Failure(code, '')))
  for (const code of ['stream_full', 'internal', 'starting'] as const) t.false(isAway(new Failure(code, '')))
  t.false(isAway(new Error('ledger_unavailable')))
})
