import test from 'ava'
import { documentedTable, page } from '../../test/support/documented-table.ts'
import { anAnswer, noAnswer } from '../../test/support/supervised-values.ts'
import type { AttemptError } from './delivery.ts'
import { type Meaning, meaningOf, meanings } from './meaning.ts'
import { classOf, isSuccess, type Outcome } from './outcome.ts'
import { maxRetryAfterMs } from './retry.ts'

const rows = documentedTable('actors/README.md', "What an attempt's outcome means")

const errorsOf: Readonly<Record<string, readonly AttemptError[]>> = {
  'closed before the head, or no HTTP': ['reset'],
  'DNS, no connection, TLS, HTTP/2 only, refused address': [
    'dns',
    'connect',
    'tls',
    'certificate_expired',
    'certificate_name',
    'certificate_untrusted',
    'http2_only',
    'refused_address',
  ],
  'connect timeout: nothing was sent': ['connect_timeout'],
  'timeout: it was sent': ['timeout'],
  'our own fault: shutdown, our resolver, our sockets, our queue, our keys': ['own_fault'],
}
const listed = new Set(rows.flatMap(([outcome = '']) => (outcome.match(/\d{3}/g) ?? []).map(Number)))
const statuses = Array.from({ length: 400 }, (_, index) => 200 + index)

/** The statuses that a cell names: by number, or as a class, from which the statuses with a row of their own are missing. */
const statusesOf = (outcome: string): readonly number[] => {
  const [first = ''] = outcome.split(':')
  const ofClass = [...first.matchAll(/(\d)xx/g)].flatMap(([, digit]) =>
    statuses.filter(status => Math.floor(status / 100) === Number(digit) && !listed.has(status)),
  )
  return [...(first.match(/\d{3}/g) ?? []).map(Number), ...ofClass]
}

const circuits: Readonly<Record<string, Meaning['circuit']>> = {
  success: 'success',
  failure: 'failure',
  nothing: 'ignored',
  'failure without an answer': 'silence',
}
const inFlights: Readonly<Record<string, Meaning['inFlight']>> = { grows: 'grow', halved: 'shrink', '–': 'keep' }

const documented = rows.map(([outcome = '', again = '', circuit = '', inFlight = '']) => {
  const errors = errorsOf[outcome]
  const outcomes: readonly Outcome[] = errors?.map(noAnswer) ?? statusesOf(outcome).map(status => anAnswer(status))
  const verdict = again === 'no' ? 'delivered' : outcome.startsWith('our own') ? 'own_fault' : 'retry'
  return { outcomes, again, expected: { verdict, circuit: circuits[circuit], inFlight: inFlights[inFlight] } }
})

test('each status and each error means what the table in actors/README.md says', t => {
  for (const { outcomes, expected } of documented)
    for (const outcome of outcomes) {
      const { words: _, ...meaning } = meaningOf(outcome)
      t.deepEqual(meaning, expected as typeof meaning, JSON.stringify(outcome))
    }
})

test('the table in actors/README.md has each status from 200 to 599 once, and each error', t => {
  const all = documented.flatMap(({ outcomes }) => outcomes)
  const answered = all.flatMap(outcome => (outcome.type === 'answered' ? [outcome.status] : []))
  t.deepEqual(
    answered.toSorted((a, b) => a - b),
    statuses,
  )
  const words = (of: readonly Meaning[]) => [...new Set(of.map(each => each.words))].toSorted()
  t.deepEqual(words(all.map(meaningOf)), words(Object.values(meanings)))
})

test('the explanation fits the status, also at the ends of a class', t => {
  for (const [name, ...all] of [
    ['delivered', 200, 299],
    ['redirect', 300, 301, 304, 307, 308, 399],
    ['see_other', 302, 303],
    ['rejected', 400, 413, 415, 422],
    ['denied', 401, 404, 409, 424, 426, 428, 430, 499],
    ['unready', 408, 425],
    ['gone', 410],
    ['throttled', 429],
    ['server_error', 500, 501, 505, 599],
    ['overloaded', 502, 503, 504],
  ] as const)
    for (const status of all) t.is(classOf(anAnswer(status)), name, String(status))
})

test('a status that HTTP does not define is retried', t => {
  for (const status of [0, 199, 600, 999]) {
    t.is(meaningOf(anAnswer(status)).verdict, 'retry', String(status))
    t.false(isSuccess(status))
  }
})

test('Retry-After moves a delivery for as long as actors/README.md and receivers.md say', t => {
  const [, hours = ''] =
    /moves the delivery \(≤ (\d+) h\)/.exec(rows.find(([outcome]) => outcome === '429')?.[1] ?? '') ?? []
  t.is(maxRetryAfterMs, Number(hours) * 3_600_000)
  t.true(page('docs/receivers.md').includes(`up to ${hours} hours for this event`))
})

test('each kind of outcome has its own explanation for end users, which says what to check', t => {
  const words = Object.values(meanings).map(({ words: each }) => each)
  t.is(new Set(words).size, words.length)
  for (const each of words) t.regex(each, /^\p{Lu}.{30,}\.$/u)
})
