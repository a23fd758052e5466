import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { MongoClient } from 'mongodb'
import { findMongod, findNatsServer } from './find-servers.ts'
import { stopLeftover } from './child.ts'
import { type EmbeddedOptions, startEmbedded } from './embedded.ts'
import { startMongod } from './mongod.ts'
import { startNats } from './nats.ts'
import { onFreePort } from './ports.ts'

const options: Omit<EmbeddedOptions, 'dataDir'> = {
  sync: 'always',
  nats: true,
  mongodb: true,
  progress: () => undefined,
  onExit: () => undefined,
}

const folderFor = async (t: ExecutionContext) => {
  const made = await mkdtemp(join(tmpdir(), 'doorbell-servers-'))
  t.teardown(async () => {
    await stopLeftover(made, 'nats-server')
    await stopLeftover(made, 'mongod')
    await rm(made, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
  })
  return made
}

const occupy = async (t: ExecutionContext, port: number) => {
  const server = createServer(connection => connection.destroy())
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  return (server.address() as { port: number }).port
}

/** A Node process that runs a script with one argument. */
const runs = (t: ExecutionContext, [argument, script]: readonly [string, string]): ChildProcess => {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script, argument], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  t.teardown(() => child.kill('SIGKILL'))
  return child
}

const visits = async <T>(url: string | null, work: (client: MongoClient) => Promise<T>): Promise<T> => {
  const client = new MongoClient(url ?? '')
  try {
    return await work(client)
  } finally {
    await client.close()
  }
}

test.serial('data survives a restart of the servers, on other ports too, and nothing runs after the stop', async t => {
  const dataDir = await folderFor(t)
  const first = await startEmbedded({ ...options, dataDir })
  await visits(first.mongodbUrl, client => client.db('doors').collection('visits').insertOne({ visitor: 1 }))
  await first.stop()
  await first.stop()
  const port = Number(new URL(first.mongodbUrl ?? '').port)
  const free = connect(port, '127.0.0.1')
  await t.throwsAsync(once(free, 'connect'), { code: 'ECONNREFUSED' })

  await occupy(t, port)
  const second = await startEmbedded({ ...options, dataDir })
  t.not(second.mongodbUrl, first.mongodbUrl)
  t.is(await visits(second.mongodbUrl, client => client.db('doors').collection('visits').countDocuments()), 1)
  await second.stop()
})

test.serial('a server that ends without a stop is reported', async t => {
  const dataDir = await folderFor(t)
  const { promise: reported, resolve } = Promise.withResolvers<string>()
  const servers = await startEmbedded({ ...options, mongodb: false, dataDir, onExit: name => resolve(name) })
  // The servers do not keep this process alive.
  const going = setInterval(() => undefined, 1_000)
  t.teardown(() => clearInterval(going))
  process.kill(Number(await readFile(join(dataDir, 'nats-server.pid'), 'utf8')), 'SIGKILL')
  t.is(await reported, 'nats-server')
  await servers.stop()
})

test.serial('the servers of a service that exits without stopping them end as well', async t => {
  const dataDir = await folderFor(t)
  const service = runs(t, [
    dataDir,
    `import { startEmbedded } from '${import.meta.dirname}/embedded.ts'
     const quiet = () => undefined
     const options = { dataDir: process.argv[1], sync: 'always', nats: true, mongodb: false, progress: quiet, onExit: quiet }
     process.once('message', () => process.exit(0))
     process.send((await startEmbedded(options)).natsUrl)`,
  ])
  const [url] = (await once(service, 'message')) as [string]
  const connection = connect(Number(new URL(url).port), '127.0.0.1')
  await once(connection, 'connect')
  // A server that is killed may reset its connections: either way it is gone.
  connection.on('error', () => undefined)
  connection.resume()
  const closed = new Promise(resolve => connection.once('close', resolve))
  service.send('exit')
  await closed
  await t.throwsAsync(once(connect(Number(new URL(url).port), '127.0.0.1'), 'connect'), { code: 'ECONNREFUSED' })
})

/**
 * A service that found these ports free and whose server then meets the one of another service there, as when both start at the same instant.
 * `refused` counts the ports on which it did not start.
 */
const afterAnother = (...taken: readonly string[]) => {
  const others = [...taken]
  const race = { refused: 0 }
  const onPort: typeof onFreePort = async (_, start) => {
    const port = Number(others.shift() ?? 0)
    if (port === 0) return onFreePort(0, start)
    await start(port).then(
      () => undefined,
      () => (race.refused += 1),
    )
    return onFreePort(0, start)
  }
  return { race, onPort }
}

test.serial('a service never believes that another service’s mongod is its own, and leaves it alone', async t => {
  const binary = await findMongod(() => undefined)
  const first = await startMongod({ ...binary, folder: await realpath(await folderFor(t)) }, (_, start) =>
    onFreePort(0, start),
  )
  t.teardown(() => first.child.stop())
  await visits(first.url, client => client.db('doors').collection('visits').insertOne({ visitor: 1 }))

  const { race, onPort } = afterAnother(new URL(first.url).port)
  const second = await startMongod({ ...binary, folder: await realpath(await folderFor(t)) }, onPort)
  t.teardown(() => second.child.stop())
  t.is(race.refused, 1)
  t.not(second.url, first.url)
  t.is(await visits(second.url, client => client.db('doors').collection('visits').countDocuments()), 0)
  t.is(await visits(first.url, client => client.db('doors').collection('visits').countDocuments()), 1)
})

test.serial('a service never believes that another service’s nats-server is its own', async t => {
  const nats = { binary: await findNatsServer(() => undefined), sync: 'interval' } as const
  const ports: number[] = []
  const first = await startNats({ ...nats, folder: await realpath(await folderFor(t)) }, (_, start) =>
    onFreePort(0, port => (ports.push(port), start(port))),
  )
  t.teardown(() => first.child.stop())
  const { race, onPort } = afterAnother(...ports.map(String))
  const second = await startNats({ ...nats, folder: await realpath(await folderFor(t)) }, onPort)
  t.teardown(() => second.child.stop())
  t.is(race.refused, 2, 'on the port for clients, and on the one for monitoring')
  t.not(second.url, first.url)
})

test('another process with the id of a leftover is left alone, even with a folder of a similar name', async t => {
  const dataDir = await folderFor(t)
  const other = runs(t, [`${dataDir}2/mongodb`, `process.send('up'); setInterval(() => undefined, 1e6)`])
  await once(other, 'message')
  await writeFile(join(dataDir, 'mongod.pid'), String(other.pid))
  t.false(await stopLeftover(dataDir, 'mongod'))
  t.is(other.exitCode ?? other.signalCode, null)
})

test('a port that is taken between the check and the start is replaced', async t => {
  const tried: number[] = []
  const port = await onFreePort(0, async candidate => {
    tried.push(candidate)
    if (tried.length > 1) return candidate
    await occupy(t, candidate)
    throw new Error('address in use')
  })
  t.is(tried.length, 2)
  t.true(tried.indexOf(port) === 1)
  const all: number[] = []
  const takenEachTime = onFreePort(0, async candidate => {
    all.push(candidate)
    await occupy(t, candidate)
    throw new Error('address in use')
  })
  await t.throwsAsync(takenEachTime, { message: 'address in use' })
  t.is(new Set(all).size, 5)
  await t.throwsAsync(
    onFreePort(0, () => Promise.reject(new Error('another reason'))),
    { message: 'another reason' },
  )
})
