import test from 'ava'
import { Failure } from '../domain/failure.ts'
import { failureOfAck, failureOfRequest } from './faults.ts'

const table = [
  // By their codes (errors.json of nats-server); a description may change.
  [10_002, 'the account has no more', 'stream_full', 30],
  [10_023, 'no resources', 'stream_full', 30],
  [10_047, 'no storage', 'stream_full', 30],
  [10_077, 'the store failed: no space left on device', 'stream_full', 30],
  [10_122, 'the limit of the account', 'stream_full', 30],
  // By the store's texts, where the code is another one.
  [10_000, 'Maximum messages exceeded', 'stream_full', 30],
  [10_000, 'maximum bytes exceeded', 'stream_full', 30],
  [10_000, 'insufficient resources', 'stream_full', 30],
  [10_000, 'insufficient storage resources available', 'stream_full', 30],
  // The server has too much to do, and is not full.
  [10_167, 'too many requests', 'streams_unavailable', 5],
  [10_008, 'JetStream system temporarily unavailable', 'streams_unavailable', 5],
] as const

test('an event that the server refuses is reported as full or unavailable, with the time of the next try', t => {
  for (const [err_code, description, code, retryAfterS] of table) {
    const failure = failureOfAck({ err_code, description })
    t.like(failure, { code, retryAfterS }, description)
    t.true(failure.internal?.startsWith(`JetStream ${err_code}: `), description)
    t.false(failure.internal?.includes(description), 'the text of another system is data')
    t.false(failure.message.includes(description), 'clients do not see the internals')
    t.is(failure.internal?.includes('free disk space'), code === 'stream_full', description)
  }
})

test('a request without an answer is to be retried after 2 s, with its cause in the log only; a Failure stays what it is', t => {
  const cause = new Error('nats://secret:4222 timed out')
  const failure = failureOfRequest(cause)
  t.like(failure, { code: 'streams_unavailable', retryAfterS: 2, cause })
  t.regex(failure.internal ?? '', /Error: check that nats-server runs/)
  t.notRegex(failure.message, /timed out/)
  const full = new Failure('stream_full', 'full')
  t.is(failureOfRequest(full), full)
})
