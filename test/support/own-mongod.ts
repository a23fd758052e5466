import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Script } from 'node:vm'
import type { ExecutionContext } from 'ava'
import { type Db, MongoClient } from 'mongodb'
import { freePort } from '../../src/embedded/ports.ts'
import { createServerProcess, type ServerProcess } from '../../tools/clusters/server-process.ts'
import { findMongod } from '../../tools/servers/find-mongod.ts'
import { until } from './until.ts'

export interface OwnMongod {
  readonly host: string
  /** The url of a user; without one, that of a server without users. */
  url(user?: string, password?: string): string
  /** A client that may do everything. */
  readonly admin: MongoClient
  readonly server: ServerProcess
}

interface Options {
  /** Whether clients need a user. The administrator is `admin`. Default: no */
  readonly users?: boolean
  /** Null: a standalone server. Default: doorbell */
  readonly replicaSet?: string | null
  readonly args?: readonly string[]
}

const adminPassword = 'password-of-the-administrator'

/** Starts a mongod for one test, which may break it. It ends with the test. */
export const startOwnMongod = async (t: ExecutionContext, options: Options = {}): Promise<OwnMongod> => {
  const { users = false, replicaSet = 'doorbell', args = [] } = options
  const folder = await mkdtemp(join(tmpdir(), 'doorbell-mongod-'))
  t.teardown(() => rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }))
  const { binary, environment } = await findMongod(line => t.log(line))
  const port = await freePort(0)
  const host = `127.0.0.1:${port}`
  const data = join(folder, 'data')
  await mkdir(data)
  await writeFile(join(folder, 'key'), 'keyOfTheReplicaSetOfATest', { mode: 0o400 })
  const network = ['--port', String(port), '--bind_ip', '127.0.0.1', '--nounixsocket']
  const storage = ['--dbpath', data, '--oplogSize', '128', '--wiredTigerCacheSizeGB', '0.25']
  const set = replicaSet === null ? [] : ['--replSet', replicaSet]
  const access = users ? ['--keyFile', join(folder, 'key')] : []
  const server = createServerProcess({
    name: 'mongod',
    binary,
    folder,
    environment,
    args: [...network, ...storage, ...set, ...access, ...args],
    isReady: () => direct(host, async db => (await db.command({ ping: 1 }))['ok'] === 1),
  })
  t.teardown(() => server.kill())
  await server.start()
  if (replicaSet !== null) {
    await direct(host, db => db.command({ replSetInitiate: { _id: replicaSet, members: [{ _id: 0, host }] } }))
    await until(
      () => direct(host, db => db.command({ hello: 1 })),
      ({ isWritablePrimary }) => isWritablePrimary === true,
    )
  }
  // MongoDB allows a local client to create the first user.
  if (users) await direct(host, db => db.command({ createUser: 'admin', pwd: adminPassword, roles: ['root'] }))

  const suffix = replicaSet === null ? '' : `?replicaSet=${replicaSet}`
  const url = (user?: string, password = `password-of-${user}`) =>
    `mongodb://${user === undefined ? '' : `${user}:${password}@`}${host}/${suffix}`
  const admin = new MongoClient(users ? url('admin', adminPassword) : url())
  t.teardown(() => admin.close())
  return { host, url, admin, server }
}

/** Asks a server as it is; a client whose first connection failed stays closed, so each question has its own. */
const direct = async <T>(host: string, ask: (admin: Db) => Promise<T>): Promise<T> => {
  const client = new MongoClient(`mongodb://${host}/?directConnection=true`, { serverSelectionTimeoutMS: 1_000 })
  try {
    return await ask(client.db('admin'))
  } finally {
    await client.close()
  }
}

const project = join(import.meta.dirname, '../..')

interface Role {
  readonly role: string
  readonly privileges: readonly { readonly resource: { readonly db: string; readonly collection: string } }[]
}

/**
 * Runs deploy/mongodb/user.js, whose commands docs/operations.md shows, as mongosh would, for a database that a test uses instead of `doorbell`.
 * The user is `doorbell`.
 */
export const createDoorbellUser = async (
  admin: MongoClient,
  database = 'doorbell',
  password = 'password-of-doorbell',
): Promise<void> => {
  const commands: Parameters<Db['command']>[0][] = []
  const shell = {
    createRole: ({ role, privileges, ...rest }: Role) => {
      const ofDatabase = privileges.map(each => ({ ...each, resource: { ...each.resource, db: database } }))
      commands.push({ createRole: role, privileges: ofDatabase, ...rest })
    },
    createUser: ({ user, ...rest }: { user: string }) => void commands.push({ createUser: user, ...rest }),
  }
  const db = { getSiblingDB: () => shell }
  const script = new Script(await readFile(join(project, 'deploy/mongodb/user.js'), 'utf8'))
  script.runInNewContext({ db, process: { env: { MONGODB_PASSWORD: password } } })
  for (const command of commands) await admin.db('admin').command(structuredClone(command))
}
