import type { Document, MongoClient, ServerHeartbeatFailedEvent, ServerHeartbeatSucceededEvent } from 'mongodb'
import { MongoError, MongoServerError } from 'mongodb'
import { type Observable, Subject } from 'rxjs'
import { errorText } from '../domain/error-text.ts'
import { Failure } from '../domain/failure.ts'

/** What each server answered last while a client connected: a `hello`, or an error. */
export type Answers = ReadonlyMap<string, Document | Error>

/** Follows what the servers answer to a client, until `stop`. */
export const followAnswers = (
  client: MongoClient,
): { readonly answers: Answers; readonly answered$: Observable<Answers>; readonly stop: () => void } => {
  const answers = new Map<string, Document | Error>()
  const answered$ = new Subject<Answers>()
  const keep = (address: string, answer: Document | Error) => {
    answers.set(address, answer)
    answered$.next(answers)
  }
  const succeeded = ({ connectionId, reply }: ServerHeartbeatSucceededEvent) => keep(connectionId, reply)
  const failed = ({ connectionId, failure }: ServerHeartbeatFailedEvent) => keep(connectionId, failure)
  client.on('serverHeartbeatSucceeded', succeeded).on('serverHeartbeatFailed', failed)
  const stop = () => {
    client.off('serverHeartbeatSucceeded', succeeded).off('serverHeartbeatFailed', failed)
    answered$.complete()
  }
  return { answers, answered$, stop }
}

/** What a client was asked to do, as far as a message names it. */
export interface Asked {
  readonly replicaSet: string | undefined
  readonly user: string | undefined
  /** The database that holds the user. */
  readonly authSource: string
  readonly tls: boolean
}

export const askedOf = ({ options }: MongoClient): Asked => ({
  replicaSet: options.replicaSet,
  user: options.credentials?.username,
  authSource: options.credentials?.source ?? 'admin',
  tls: options.tls,
})

const invalid = (message: string, cause?: unknown) => new Failure('invalid_settings', message, { cause })
/** It may pass: a start waits. */
const away = (message: string, cause?: unknown) =>
  new Failure('ledger_unavailable', message, { cause, internal: message, retryAfterS: 5 })

/** A url that the driver cannot read. Its own message may hold a part of the url, which holds a password. */
export const failureOfUrl = (url: string, cause: unknown): Failure =>
  invalid(
    /^mongodb(\+srv)?:\/\//.test(url)
      ? 'MONGODB_URL cannot be read: write it as mongodb://user:password@host:27017/?replicaSet=name, without unknown options, ' +
          'and with : / ? # [ ] @ and % of a password as %3A %2F %3F %23 %5B %5D %40 and %25.'
      : 'MONGODB_URL must begin with mongodb:// or mongodb+srv://, as mongodb://user:password@host:27017/?replicaSet=name does.',
    cause,
  )

/** MongoDB 6.0: the oldest version that the tests run on. */
const oldestWireVersion = 17

/** What is wrong with the servers that answered: it does not pass by itself. Null: nothing. */
export const faultOfServers = (answers: Answers, { replicaSet }: Asked): Failure | null => {
  for (const [address, answer] of answers) {
    if (answer instanceof Error) continue
    const { maxWireVersion, setName, isreplicaset, msg } = answer
    if (typeof maxWireVersion === 'number' && maxWireVersion < oldestWireVersion)
      return invalid(`The MongoDB at ${address} is too old: Doorbell needs MongoDB 6.0 or later.`)
    if (msg === 'isdbgrid' && replicaSet === undefined) continue
    if (msg === 'isdbgrid')
      return invalid(`The MongoDB at ${address} is a mongos: remove replicaSet=${replicaSet} from MONGODB_URL.`)
    if (setName === undefined && isreplicaset !== true)
      return invalid(
        `The MongoDB at ${address} is a standalone server, and Doorbell needs a replica set, if only of one member: ` +
          'start mongod with --replSet doorbell, run rs.initiate() once, and put ?replicaSet=doorbell into MONGODB_URL.',
      )
    if (setName !== undefined && replicaSet !== undefined && setName !== replicaSet)
      return invalid(
        `The MongoDB at ${address} belongs to the replica set ${setName}, not to ${replicaSet}: write replicaSet=${setName} in MONGODB_URL.`,
      )
  }
  return null
}

const authenticationFailed: readonly unknown[] = [18, 8_000]
const unauthorized = 13

/** Why a client could not connect, or could not do its first work, as a sentence for the operator. Other errors pass unchanged. */
export const failureOfStart = (error: unknown, answers: Answers, asked: Asked): unknown => {
  if (error instanceof Failure && error.code !== 'ledger_unavailable') return error
  const cause = error instanceof Failure ? error.cause : error
  const ofServers = faultOfServers(answers, asked)
  if (ofServers !== null) return ofServers
  if (cause instanceof MongoServerError && authenticationFailed.includes(cause.code)) return wrongPassword(asked, cause)
  if (cause instanceof MongoServerError && cause.code === unauthorized && asked.user === undefined)
    return invalid(
      'MongoDB asks for a user, and MONGODB_URL has none: write mongodb://user:password@… (docs/operations.md, “The user in MongoDB”).',
      cause,
    )
  if (cause instanceof MongoServerError && cause.code === unauthorized) return notAllowed(cause)
  const file = fileOf(cause)
  if (file !== null)
    return invalid(
      `A file that MONGODB_URL names cannot be read (${file}): check tlsCAFile and tlsCertificateKeyFile.`,
      cause,
    )
  const certificate = certificateOf([...answers.values(), cause], asked)
  if (certificate !== null) return certificate
  if (!(cause instanceof MongoError) && !isNetwork(cause)) return error
  return notThere(answers, cause)
}

const wrongPassword = ({ user = '', authSource }: Asked, cause: unknown): Failure => {
  const [name, source] = [JSON.stringify(user), JSON.stringify(authSource)]
  const elsewhere = authSource === 'admin' ? '' : ' If it was created in admin, add authSource=admin to MONGODB_URL.'
  return invalid(
    `MongoDB refuses the user in MONGODB_URL: the database ${source} has no user ${name} with this password. ` +
      `Set the password with db.getSiblingDB(${source}).changeUserPassword(${name}, passwordPrompt()), or create the user.${elsewhere}`,
    cause,
  )
}

const notAllowed = (cause: MongoServerError): Failure => {
  // observer.ts adds these.
  const { command, collection } = cause as unknown as { command?: unknown; collection?: unknown }
  const what =
    typeof command === 'string' && typeof collection === 'string' ? `${command} on ${collection}` : 'a command'
  return invalid(
    `MongoDB does not allow the user in MONGODB_URL to run ${what}: give it the role of docs/operations.md, “The user in MongoDB”.`,
    cause,
  )
}

const fileOf = (cause: unknown): string | null => {
  const { syscall, code } = (cause ?? {}) as NodeJS.ErrnoException
  return syscall === 'open' || syscall === 'read' ? String(code) : null
}

const isNetwork = (cause: unknown): boolean => typeof (cause as NodeJS.ErrnoException | undefined)?.syscall === 'string'

/** Finds the first code among an error and its causes. */
const codesOf = (error: unknown): readonly string[] => {
  const codes: string[] = []
  for (let each = error; each instanceof Error; each = each.cause) {
    const { code } = each as NodeJS.ErrnoException
    if (typeof code === 'string') codes.push(code)
  }
  return codes
}

const certificateFaults: readonly (readonly [RegExp, string])[] = [
  [
    /^(SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_\w+)$/,
    'its certificate is not signed by an authority that this machine trusts: name the authority’s file with tlsCAFile in MONGODB_URL',
  ],
  [
    /^ERR_TLS_CERT_ALTNAME_INVALID$/,
    'its certificate is for another host: use a host name of the certificate in MONGODB_URL',
  ],
  [
    /^CERT_(HAS_EXPIRED|NOT_YET_VALID)$/,
    'its certificate is not valid now: renew it, and check the clocks of both machines',
  ],
  [
    /^ERR_SSL_.*ALERT/,
    'it refuses this client’s certificate or version of TLS: name a certificate with tlsCertificateKeyFile in MONGODB_URL',
  ],
  [/^ERR_SSL_/, 'it does not speak TLS: remove tls=true from MONGODB_URL'],
]

const certificateOf = (errors: readonly unknown[], { tls }: Asked): Failure | null => {
  if (!tls) return null
  for (const error of errors)
    for (const code of codesOf(error)) {
      const fault = certificateFaults.find(([pattern]) => pattern.test(code))
      if (fault !== undefined) return invalid(`No TLS connection to MongoDB (${code}): ${fault[1]}.`, error)
    }
  return null
}

const notThere = (answers: Answers, cause: unknown): Failure => {
  const hellos = [...answers].flatMap(([address, answer]) => (answer instanceof Error ? [] : [{ address, answer }]))
  const waiting = hellos.find(({ answer }) => answer['setName'] === undefined && answer['isreplicaset'] === true)
  if (waiting !== undefined)
    return away(
      `The replica set of the MongoDB at ${waiting.address} is not initiated: run rs.initiate() there.`,
      cause,
    )
  if (hellos.length > 0) return away('MongoDB has no primary: rs.status() says why.', cause)
  const silent = [...answers].map(([address, answer]) => `${address} (${reasonOf(answer)})`)
  const where = silent.length === 0 ? `(${errorText(cause)})` : `at ${silent.join(', ')}`
  return away(`MongoDB does not answer ${where}: check that mongod runs there, and MONGODB_URL.`, cause)
}

const reasonOf = (answer: Document | Error): string => codesOf(answer)[0] ?? errorText(answer)
