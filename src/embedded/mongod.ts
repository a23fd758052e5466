import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { MongoClient } from 'mongodb'
import { Failure } from '../domain/failure.ts'
import { type Child, startChild } from './child.ts'
import { freePort } from './ports.ts'

export interface MongodOptions {
  readonly binary: string
  readonly folder: string
  readonly environment?: Readonly<Record<string, string>>
}

const preferredPort = 27_017
const startLimitMs = 60_000
const setName = 'doorbell'

/** Starts a replica set of one mongod on 127.0.0.1 (a set, since change streams need one) and waits until it is primary. */
export const startMongod = async ({
  binary,
  folder,
  environment,
}: MongodOptions): Promise<{ child: Child; url: string }> => {
  const port = await freePort(preferredPort)
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
  const url = `mongodb://127.0.0.1:${port}/?directConnection=true`
  try {
    await untilPrimary(child, url, `127.0.0.1:${port}`, folder)
  } catch (error) {
    await child.stop()
    throw error
  }
  return { child, url: `mongodb://127.0.0.1:${port}/?replicaSet=${setName}` }
}

/** Makes the set on the first start, tells it its new address after the port has changed, and waits for its election. */
const untilPrimary = async (child: Child, url: string, host: string, folder: string): Promise<void> => {
  const failure = (why: string) => new Failure('internal', `mongod ${why}: see ${folder}/mongod.log`)
  const client = new MongoClient(url, { serverSelectionTimeoutMS: startLimitMs })
  try {
    await Promise.race([client.connect(), child.exited.then(how => Promise.reject(failure(`ended at start (${how})`)))])
    const admin = client.db('admin')
    const config = await admin.command({ replSetGetConfig: 1 }).catch(() => null)
    const members = [{ _id: 0, host }]
    if (config === null) await admin.command({ replSetInitiate: { _id: setName, members } })
    else if (config['config'].members[0].host !== host)
      await admin.command({
        replSetReconfig: { ...config['config'], members, version: config['config'].version + 1 },
        force: true,
      })
    for (const since = Date.now(); Date.now() - since < startLimitMs;) {
      if ((await admin.command({ hello: 1 }))['isWritablePrimary'] === true) return
      await new Promise(resolve => setTimeout(resolve, 50))
    }
    throw failure(`did not become primary within ${startLimitMs / 1_000} s`)
  } finally {
    await client.close()
  }
}
