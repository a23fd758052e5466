import test from 'ava'
import { MongoNetworkError, MongoParseError, MongoServerError, MongoServerSelectionError } from 'mongodb'
import { Failure } from '../domain/failure.ts'
import { type Answers, type Asked, failureOfStart, failureOfUrl, faultOfServers } from './start-faults.ts'

const asked: Asked = { replicaSet: 'doorbell', user: 'doorbell', authSource: 'admin', tls: false }
const member = { setName: 'doorbell', maxWireVersion: 25 }
const answering = (answer: object): Answers => new Map([['db.example:27017', answer]])
const network = (code: string) => new MongoNetworkError('Anna', { cause: Object.assign(new Error('Anna'), { code }) })
const selection = new MongoServerSelectionError('Anna', {} as never)
const refused = (code: number) => new MongoServerError({ message: 'Anna', code })

/** The code and the message of what a start ends with. */
const explained = (error: unknown, answers: Answers = new Map(), of: Partial<Asked> = {}): readonly string[] => {
  const failure = failureOfStart(error, answers, { ...asked, ...of }) as Failure
  return [failure.code, failure.message]
}

/** Each wrong setting or server, with what its message says. A command or a setting that fixes it is part of each. */
const final: readonly (readonly [unknown, Answers, Partial<Asked>, RegExp])[] = [
  [
    selection,
    answering({ ...member, setName: 'rs0' }),
    {},
    /belongs to the replica set rs0, not to doorbell: write replicaSet=rs0/,
  ],
  [
    selection,
    answering({ maxWireVersion: 25 }),
    {},
    /standalone.*--replSet doorbell, run rs\.initiate\(\).*\?replicaSet=doorbell/,
  ],
  [selection, answering({ ...member, maxWireVersion: 16 }), {}, /too old: Doorbell needs MongoDB 6\.0/],
  [selection, answering({ maxWireVersion: 25, msg: 'isdbgrid' }), {}, /mongos: remove replicaSet=doorbell/],
  [
    refused(18),
    new Map(),
    {},
    /database "admin" has no user "doorbell".*changeUserPassword\("doorbell", passwordPrompt\(\)\)/,
  ],
  [refused(8_000), new Map(), { authSource: 'x' }, /database "x" has no user.*add authSource=admin/],
  [
    refused(13),
    new Map(),
    { user: undefined },
    /asks for a user, and MONGODB_URL has none: write mongodb:\/\/user:password@/,
  ],
  [refused(13), new Map(), {}, /not allow the user in MONGODB_URL to run a command: give it the role/],
  [
    Object.assign(refused(13), { command: 'collMod', collection: 'tokens' }),
    new Map(),
    {},
    /to run collMod on tokens: give it the role of docs\/operations\.md/,
  ],
  [
    Object.assign(new Error('Anna'), { syscall: 'open', code: 'ENOENT' }),
    new Map(),
    {},
    /cannot be read \(ENOENT\): check tlsCAFile/,
  ],
  [
    selection,
    answering(network('SELF_SIGNED_CERT_IN_CHAIN')),
    { tls: true },
    /\(SELF_SIGNED_CERT_IN_CHAIN\).*tlsCAFile/,
  ],
  [selection, answering(network('UNABLE_TO_VERIFY_LEAF_SIGNATURE')), { tls: true }, /tlsCAFile/],
  [selection, answering(network('ERR_TLS_CERT_ALTNAME_INVALID')), { tls: true }, /for another host/],
  [selection, answering(network('CERT_HAS_EXPIRED')), { tls: true }, /not valid now: renew it/],
  [selection, answering(network('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED')), { tls: true }, /tlsCertificateKeyFile/],
  [selection, answering(network('ERR_SSL_WRONG_VERSION_NUMBER')), { tls: true }, /does not speak TLS: remove tls=true/],
]

test('each setting that is wrong ends a start with its own message, which says how to fix it', t => {
  const messages = final.map(([error, answers, of, pattern]) => {
    const [code, message = ''] = explained(error, answers, of)
    t.is(code, 'invalid_settings', message)
    t.regex(message, pattern)
    t.false(/Anna|undefined|\n/.test(message), message)
    return message
  })
  t.true(new Set(messages).size >= final.length - 1, 'two of them share the message about authorities')
})

test('what may pass is not the end of a start, and its message says what is waited for', t => {
  for (const [error, answers, pattern] of [
    [
      selection,
      answering({ isreplicaset: true, maxWireVersion: 25 }),
      /db\.example:27017 is not initiated: run rs\.initiate\(\)/,
    ],
    [selection, answering(member), /no primary: rs\.status\(\)/],
    [selection, answering(network('ECONNREFUSED')), /does not answer at db\.example:27017 \(ECONNREFUSED\)/],
    [selection, answering(network('SELF_SIGNED_CERT_IN_CHAIN')), /SELF_SIGNED/],
    [selection, new Map(), /does not answer \(MongoServerSelectionError\)/],
    [
      Object.assign(new Error('Anna'), { syscall: 'querySrv', code: 'ENOTFOUND' }),
      new Map(),
      /\(Error ENOTFOUND querySrv\)/,
    ],
    [new Failure('ledger_unavailable', 'x', { cause: refused(91) }), answering(member), /no primary/],
  ] as const) {
    const [code, message = ''] = explained(error, answers)
    t.is(code, 'ledger_unavailable', message)
    t.regex(message, pattern)
    t.false(message.includes('Anna'), message)
  }
})

test('a defect and a failure that has its message already pass unchanged', t => {
  for (const error of [
    new TypeError('x'),
    new Failure('invalid_settings', 'x'),
    new Failure('ledger_unavailable', 'late'),
  ])
    t.is(failureOfStart(error, new Map(), asked), error)
})

test('a member of the replica set, and a mongos without replicaSet, are servers to work with', t => {
  t.is(faultOfServers(answering(member), asked), null)
  t.is(faultOfServers(answering(member), { ...asked, replicaSet: undefined }), null)
  t.is(faultOfServers(answering({ maxWireVersion: 17, msg: 'isdbgrid' }), { ...asked, replicaSet: undefined }), null)
  t.is(faultOfServers(answering(network('ECONNREFUSED')), asked), null)
})

test('a url that cannot be read is described without any part of it', t => {
  const secret = 'mongodb://user:p@ss@word@h/'
  t.like(failureOfUrl(secret, new MongoParseError('Anna')), { code: 'invalid_settings' })
  t.regex(failureOfUrl(secret, null).message, /cannot be read.*%40/)
  t.false(failureOfUrl(secret, null).message.includes('ss@word'))
  t.regex(failureOfUrl('postgres://x', null).message, /must begin with mongodb:\/\//)
})
