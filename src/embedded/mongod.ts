import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { type Db, MongoClient, MongoServerError } from 'mongodb'
import { Failure } from '../domain/failure.ts'
import { type Child, startChild } from './child.ts'
import { onFreePort } from './ports.ts'

export interface MongodOptions {
  readonly binary: string
  readonly folder: string
  readonly environment?: Readonly<Record<string, string>>
}

const preferredPort = 27_017
const startLimitMs = 60_000
/** MongoDB's code for a replica set that is not initiated yet. */
const notYetInitialized = 94
const setName = 'doorbell'

/** Starts one mongod on 127.0.0.1 as a replica set, which change streams need, and waits until it is primary. */
export const startMongod = (options: MongodOptions, onPort = onFreePort): Promise<{ child: Child; url: string }> =>
  onPort(preferredPort, port => startOn(options, port))

const startOn = async (
  { binary, folder, environment }: MongodOptions,
  port: number,
): Promise<{ child: Child; url: string }> => {
  const data = join(folder, 'mongodb')
  await mkdir(data, { recursive: true })
  const network = ['--port', String(port), '--bind_ip', '127.0.0.1', '--nounixsocket']
  const storage = ['--dbpath', data, '--replSet', setName, '--oplogSize', '128', '--wiredTigerCacheSizeGB', '0.25']
  const args = [...network, ...storage]
  const child = await startChild({
    name: 'mongod',
    binary,
    args,
    folder,
    ...(environment === undefined ? {} : { environment }),
  })
  try {
    await untilPrimary(child, `127.0.0.1:${port}`, folder, data)
  } catch (error) {
    await child.stop()
    throw error
  }
  return { child, url: `mongodb://127.0.0.1:${port}/?replicaSet=${setName}` }
}

const untilPrimary = async (child: Child, host: string, folder: string, data: string): Promise<void> => {
  const failure = (why: string, cause: unknown) =>
    new Failure('internal', `mongod ${why}: see ${folder}/mongod.log`, { cause })
  // A direct connection, since the driver finds no member before the set is initiated, or while the set has another address.
  const client = new MongoClient(`mongodb://${host}/?directConnection=true`, {
    // A client whose first connection failed stays closed, so the first command waits until mongod listens.
    serverSelectionTimeoutMS: startLimitMs,
    minHeartbeatFrequencyMS: 100,
  })
  let fault: unknown
  let over = false
  const ended = child.exited.then(how => Promise.reject(failure(`ended at start (${how})`, fault)))
  const primary = async () => {
    for (const since = Date.now(); Date.now() - since < startLimitMs && !over;) {
      // While it starts, elects itself or changes its address, mongod refuses and drops connections.
      const done = await becomePrimary(client.db('admin'), host, data).catch((error: unknown) => {
        fault = error
        return false
      })
      if (done) return
      await wait(50)
    }
    throw failure(`did not become primary within ${startLimitMs / 1_000} s`, fault)
  }
  try {
    await Promise.race([primary(), ended])
  } finally {
    over = true
    await client.close()
  }
}

/** Takes one step towards a primary at this address: initiates the set at the first start, and updates its address if the port has changed. */
const becomePrimary = async (admin: Db, host: string, data: string): Promise<boolean> => {
  if (!(await isOurs(admin, data))) return false
  const hello = await admin.command({ hello: 1 })
  if (hello['isWritablePrimary'] === true && hello['me'] === host) return true
  const members = [{ _id: 0, host }]
  const answer = await admin.command({ replSetGetConfig: 1 }).catch((error: unknown) => {
    if (error instanceof MongoServerError && error.code === notYetInitialized) return null
    throw error
  })
  if (answer === null) await admin.command({ replSetInitiate: { _id: setName, members } })
  else if (answer['config'].members[0].host !== host)
    await admin.command({
      replSetReconfig: { ...answer['config'], members, version: answer['config'].version + 1 },
      force: true,
    })
  return false
}

/** Whether the mongod that answers stores its data in our folder: another process may have taken the port, and its mongod answers as well. */
const isOurs = async (admin: Db, data: string): Promise<boolean> =>
  (await admin.command({ getCmdLineOpts: 1 }))['parsed']?.storage?.dbPath === data
