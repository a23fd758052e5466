import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import type { ExecutionContext } from 'ava'
import { MongoClient } from 'mongodb'
import { parse, stringify } from 'yaml'
import { cacheFolder } from '../../tools/servers/find-binary.ts'
import { findMongod } from '../../tools/servers/find-mongod.ts'
import { findNatsServer } from '../../tools/servers/find-nats.ts'
import { freePort } from '../../src/embedded/ports.ts'
import { createServerProcess } from '../../tools/clusters/server-process.ts'
import { createDoorbellUser } from '../support/own-mongod.ts'
import { until } from '../support/until.ts'
import { readDockerfile } from './dockerfile.ts'

export interface ComposeService {
  readonly image: string
  readonly build?: { readonly target?: string; readonly dockerfile_inline?: string }
  readonly environment?: Readonly<Record<string, string | number>>
  readonly ports?: readonly string[]
  readonly volumes?: readonly string[]
  readonly healthcheck?: { readonly test?: readonly string[]; readonly disable?: boolean }
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>
  readonly restart?: string
  readonly command?: readonly string[]
  readonly deploy?: { readonly replicas?: number; readonly resources?: { readonly limits?: object } }
}

export const project = join(import.meta.dirname, '../..')
const run = promisify(execFile)

export const { services } = parse(await readFile(join(project, 'docker-compose.yml'), 'utf8'), { merge: true }) as {
  services: Readonly<Record<string, ComposeService>>
}
export const stages = readDockerfile(await readFile(join(project, 'Dockerfile'), 'utf8'))

export const service = (name: string): ComposeService => {
  const found = services[name]
  if (found === undefined) throw new Error(`docker-compose.yml has no ${name}`)
  return found
}

/** Resolves the environment of a service as Compose does: `${NAME:?…}` from the secrets, `${NAME:-default}` with its default. */
export const environmentOf = (name: string, secrets: Readonly<Record<string, string>>): Record<string, string> => {
  const { environment = {}, build } = service(name)
  const inherited = stages.find(stage => stage.name === build?.target)?.environment
  return Object.fromEntries(
    Object.entries({ ...inherited, ...environment }).map(([variable, value]) => [
      variable,
      String(value).replace(/\$\{(\w+):([?-])([^}]*)\}/g, (_, from: string, kind: string, rest: string) =>
        kind === '?' ? (secrets[from] ?? '') : rest,
      ),
    ]),
  )
}

/** Finds a program on PATH or in the user's cache. */
export const onPath = (name: string): string | undefined =>
  [...(process.env['PATH'] ?? '').split(delimiter), cacheFolder()].map(folder => join(folder, name)).find(existsSync)

export const newFolder = async (t: ExecutionContext): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'doorbell-compose-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** Starts the nats-servers of the file with their nats.conf, as processes. Resolves with their URLs by name. */
export const startComposeNats = async (t: ExecutionContext): Promise<ReadonlyMap<string, string>> => {
  const folder = await newFolder(t)
  const binary = await findNatsServer(line => t.log(line))
  const text = await readFile(join(project, 'deploy/nats/nats.conf'), 'utf8')
  const ports: { name: string; client: number; monitor: number; route: number }[] = []
  for (const name of Object.keys(services).filter(each => each.startsWith('nats-')))
    ports.push({ name, client: await freePort(0), monitor: await freePort(0), route: await freePort(0) })
  // Containers have their own addresses. Here, each server has its own ports instead.
  const routes = ports.reduce(
    (config, { name, route }) => config.replace(`//${name}:6222`, `//127.0.0.1:${route}`),
    text.replace('/data', '$DATA'),
  )
  const nodes = await Promise.all(
    ports.map(async ({ name, client, monitor, route }) => {
      const own = routes
        .replace('port: 4222', `listen: 127.0.0.1:${client}`)
        .replace('http: 8222', `http: 127.0.0.1:${monitor}`)
        .replace('port: 6222', `listen: 127.0.0.1:${route}`)
      const config = join(folder, `${name}.conf`)
      await writeFile(config, own)
      const environment = { ...service(name).environment, DATA: join(folder, name) } as Record<string, string>
      await run(binary, ['-t', '-c', config], { env: environment })
      const isReady = async () => (await fetch(`http://127.0.0.1:${monitor}/healthz`)).ok
      return createServerProcess({ name, binary, folder, args: ['-c', config], environment, isReady })
    }),
  )
  t.teardown(() => Promise.all(nodes.map(node => node.kill())))
  await Promise.all(nodes.map(node => node.start()))
  return new Map(ports.map(({ name, client }) => [name, `nats://127.0.0.1:${client}`]))
}

/**
 * Starts the mongods of the file with their mongod.conf, as processes, initiates the replica set, and creates Doorbell's user. Resolves with the
 * URL of that user.
 */
export const startComposeMongo = async (t: ExecutionContext): Promise<string> => {
  const folder = await newFolder(t)
  const { binary, environment } = await findMongod(line => t.log(line))
  const text = await readFile(join(project, 'deploy/mongodb/mongod.conf'), 'utf8')
  const members: string[] = []
  const keyFile = join(folder, 'key')
  await writeFile(keyFile, key, { mode: 0o400 })
  for (const name of Object.keys(services).filter(each => /^mongodb-\d$/.test(each))) {
    const port = await freePort(0)
    const config = parse(text) as { net: object; storage: object; security: object }
    t.like(config, { net: { port: 27_017, bindIpAll: true }, storage: { dbPath: '/data/db' } })
    t.deepEqual(config.security, { keyFile: '/tmp/key' })
    t.regex(service(name).command?.at(-1) ?? '', / \/tmp\/key <<< "\$\$MONGODB_KEY" && exec /)
    const file = join(folder, `${name}.conf`)
    const storage = { ...config.storage, dbPath: await newFolder(t) }
    const net = { port, bindIp: '127.0.0.1', unixDomainSocket: { enabled: false } }
    await writeFile(file, stringify({ ...config, storage, net, security: { keyFile } }))
    const isReady = () => direct(port, async client => (await client.db('admin').command({ ping: 1 }))['ok'] === 1)
    const node = createServerProcess({ name, binary, folder, args: ['--config', file], environment, isReady })
    t.teardown(() => node.kill())
    await node.start()
    members.push(`127.0.0.1:${port}`)
  }
  const [, _id = ''] = /replicaSet=(\w+)/.exec(String(service('api').environment?.['MONGODB_URL'])) ?? []
  const set = {
    _id,
    members: members.map((host, index) => ({ _id: index, host, priority: index === 0 ? 2 : 1 })),
    // The first election takes two seconds instead of ten.
    settings: { electionTimeoutMillis: 2_000, heartbeatIntervalMillis: 500 },
  }
  await direct(Number(members[0]?.split(':')[1]), client => client.db('admin').command({ replSetInitiate: set }))
  const first = Number(members[0]?.split(':')[1])
  await until(
    () => direct(first, client => client.db('admin').command({ hello: 1 })),
    ({ isWritablePrimary }) => isWritablePrimary === true,
  )
  await direct(first, client => client.db('admin').command({ createUser: 'admin', pwd: key, roles: ['root'] }))
  const urlOf = (user: string) => `mongodb://${user}@${members.join(',')}/?replicaSet=${_id}`
  const admin = new MongoClient(urlOf(`admin:${key}`))
  await createDoorbellUser(admin, 'doorbell', password)
  await admin.close()
  return urlOf(`doorbell:${password}`)
}

const key = 'keyOfTheReplicaSetOfTheTests'
const password = 'password-of-doorbell'

const direct = async <T>(port: number, ask: (client: MongoClient) => Promise<T>): Promise<T> => {
  const client = new MongoClient(`mongodb://127.0.0.1:${port}/?directConnection=true`, {
    serverSelectionTimeoutMS: 500,
  })
  try {
    return await ask(client)
  } finally {
    await client.close()
  }
}
