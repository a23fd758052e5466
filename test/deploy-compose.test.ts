import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { jetstreamManager } from '@nats-io/jetstream'
import test, { type ExecutionContext } from 'ava'
import { MongoClient } from 'mongodb'
import { connect } from 'nats'
import { parse, stringify } from 'yaml'
import { loadSettings } from '../config/load.ts'
import { cacheFolder } from '../src/embedded/find-binary.ts'
import { findMongod } from '../src/embedded/find-mongod.ts'
import { findNatsServer } from '../src/embedded/find-nats.ts'
import { freePort } from '../src/embedded/ports.ts'
import { createServerProcess } from './clusters/server-process.ts'
import { readDockerfile } from './deploy/dockerfile.ts'

interface ComposeService {
  readonly image: string
  readonly build?: { readonly target?: string; readonly dockerfile_inline?: string }
  readonly environment?: Readonly<Record<string, string | number>>
  readonly ports?: readonly string[]
  readonly volumes?: readonly string[]
  readonly healthcheck?: { readonly test?: readonly string[]; readonly disable?: boolean }
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>
  readonly restart?: string
  readonly deploy?: { readonly replicas?: number; readonly resources?: { readonly limits?: object } }
}

const project = join(import.meta.dirname, '..')
const run = promisify(execFile)
const { services } = parse(await readFile(join(project, 'docker-compose.yml'), 'utf8'), { merge: true }) as {
  services: Readonly<Record<string, ComposeService>>
}
const stages = readDockerfile(await readFile(join(project, 'Dockerfile'), 'utf8'))
const entries = Object.entries(services)
const service = (name: string): ComposeService => {
  const found = services[name]
  if (found === undefined) throw new Error(`docker-compose.yml has no ${name}`)
  return found
}

const newFolder = async (t: ExecutionContext): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'doorbell-compose-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  return folder
}

test('every service has a pinned image, a health check, limits and a restart; people’s ports are on this machine alone', t => {
  for (const [name, { image, build, healthcheck, restart, deploy, ports = [] }] of entries) {
    const bases = (build?.dockerfile_inline ?? '').matchAll(/^FROM (\S+)/gm)
    const pulled = build === undefined ? [image] : [...bases].map(([, base = '']) => base)
    for (const each of pulled) t.regex(each, /:v?\d+\.\d+/, name)
    const isChecked =
      healthcheck?.test !== undefined ||
      stages.some(stage => stage.name === build?.target && stage.healthcheck.length > 0) ||
      restart === 'on-failure'
    t.true(isChecked, `${name} has a health check, or ends by itself`)
    t.truthy(restart, name)
    t.truthy(deploy?.resources?.limits, `${name} has limits`)
    for (const port of ports) t.regex(port, /^127\.0\.0\.1:\d+:\d+$/, name)
  }
  for (const { base } of stages)
    t.true(stages.some(({ name }) => name === base) || /^node:\d+\.\d+\.\d+-slim$/.test(base))
})

test('who waits for whom is said with a condition that the other can meet', t => {
  for (const [name, { depends_on = {} }] of entries)
    for (const [other, { condition }] of Object.entries(depends_on))
      t.is(
        condition,
        service(other).restart === 'on-failure' ? 'service_completed_successfully' : 'service_healthy',
        `${name} → ${other}`,
      )
})

test('what is mounted is there, and no secret is in the file', t => {
  for (const [name, { volumes = [], environment = {} }] of entries) {
    for (const [source = ''] of volumes.map(volume => volume.split(':')))
      if (source.startsWith('.')) t.true(existsSync(join(project, source)), `${name}: ${source}`)
    for (const [variable, value] of Object.entries(environment))
      if (/TOKEN|KEY|PASSWORD|SECRET/.test(variable)) t.regex(String(value), /^\$\{\w+:\?.+\}$/, variable)
  }
})

test('Grafana is told what its provisioning asks for, and Prometheus reads the ports that Doorbell opens', async t => {
  const sources = await readFile(join(project, 'observability/grafana/provisioning/datasources/doorbell.yml'), 'utf8')
  const asked = [...sources.matchAll(/\$\{(\w+)\}/g)].map(([, name = '']) => name)
  t.deepEqual(asked.toSorted(), ['JAEGER_URL', 'PROMETHEUS_URL'])
  for (const name of asked) t.truthy(services[new URL(String(service('grafana').environment?.[name])).hostname], name)
  const scraped = parse(await readFile(join(project, 'observability/prometheus/prometheus.yml'), 'utf8')) as {
    scrape_configs: { job_name: string; dns_sd_configs?: { names: string[]; port: number }[] }[]
  }
  const [found] = scraped.scrape_configs.find(({ job_name }) => job_name === 'doorbell')?.dns_sd_configs ?? []
  t.deepEqual(found?.names, ['api', 'worker'])
  for (const name of found?.names ?? []) t.is(service(name).environment?.['DOORBELL_METRICS_PORT'], found?.port)
})

test('Doorbell takes the settings of its services; a stream has a replica on every NATS node', t => {
  const secrets: Readonly<Record<string, string>> = {
    DOORBELL_ADMIN_TOKEN: 'a-token-of-the-tests',
    DOORBELL_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
  }
  for (const role of ['api', 'worker'] as const) {
    const { environment = {}, build } = service(role)
    const inherited = stages.find(({ name }) => name === build?.target)?.environment
    const resolved = Object.fromEntries(
      Object.entries({ ...inherited, ...environment }).map(([name, value]) => [
        name,
        String(value).replace(/^\$\{(\w+):([?-])(.*)\}$/, (_, variable: string, kind: string, rest: string) =>
          kind === '?' ? (secrets[variable] ?? '') : rest,
        ),
      ]),
    )
    const settings = loadSettings(resolved)
    t.is(settings.role, role)
    t.is(settings.replicas, settings.natsUrl?.split(',').length ?? 0)
    for (const url of settings.natsUrl?.split(',') ?? []) t.truthy(services[new URL(url).hostname], url)
    for (const [, host = ''] of settings.mongodbUrl?.matchAll(/[/,]([\w-]+):27017/g) ?? [])
      t.truthy(services[host], host)
  }
  t.true((service('worker').deploy?.replicas ?? 1) >= 2)
})

test('the three nats-servers of the file make a cluster that keeps a stream on all of them', async t => {
  const folder = await newFolder(t)
  const binary = await findNatsServer(line => t.log(line))
  const text = await readFile(join(project, 'deploy/nats/nats.conf'), 'utf8')
  const names = Object.keys(services).filter(name => name.startsWith('nats-'))
  const ports: { name: string; client: number; monitor: number; route: number }[] = []
  for (const name of names)
    ports.push({ name, client: await freePort(0), monitor: await freePort(0), route: await freePort(0) })
  // Containers have an address each; here each has ports of its own instead.
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
      return createServerProcess({
        name,
        binary,
        folder,
        args: ['-c', config],
        environment,
        isReady: async () => (await fetch(`http://127.0.0.1:${monitor}/healthz`)).ok,
      })
    }),
  )
  t.teardown(() => Promise.all(nodes.map(node => node.kill())))
  await Promise.all(nodes.map(node => node.start()))
  const connection = await connect({ servers: `127.0.0.1:${ports[0]?.client}` })
  t.teardown(() => connection.close())
  const manager = await jetstreamManager(connection)
  await manager.streams.add({ name: 'S', subjects: ['s'], num_replicas: 3 })
  const { cluster } = await manager.streams.info('S')
  t.deepEqual([cluster?.leader, ...(cluster?.replicas ?? []).map(({ name }) => name)].toSorted(), names)
  t.is(cluster?.name, 'doorbell')
})

test('the three mongods of the file make the set that Doorbell is told of', async t => {
  const folder = await newFolder(t)
  const { binary, environment } = await findMongod(line => t.log(line))
  const names = Object.keys(services).filter(name => /^mongodb-\d$/.test(name))
  const text = await readFile(join(project, 'deploy/mongodb/mongod.conf'), 'utf8')
  const members: string[] = []
  for (const name of names) {
    const port = await freePort(0)
    const config = parse(text) as { net: { port: number; bindIpAll: boolean }; storage: { dbPath: string } }
    t.like(config, { net: { port: 27_017, bindIpAll: true }, storage: { dbPath: '/data/db' } })
    const file = join(folder, `${name}.conf`)
    const storage = { ...config.storage, dbPath: await newFolder(t) }
    const net = { port, bindIp: '127.0.0.1', unixDomainSocket: { enabled: false } }
    await writeFile(file, stringify({ ...config, storage, net }))
    const ping = async () => {
      const client = new MongoClient(`mongodb://127.0.0.1:${port}/?directConnection=true`, {
        serverSelectionTimeoutMS: 500,
      })
      try {
        return (await client.db('admin').command({ ping: 1 }))['ok'] === 1
      } finally {
        await client.close()
      }
    }
    const node = createServerProcess({ name, binary, folder, args: ['--config', file], environment, isReady: ping })
    t.teardown(() => node.kill())
    await node.start()
    members.push(`127.0.0.1:${port}`)
  }
  const [, set = ''] = /replicaSet=(\w+)/.exec(String(service('api').environment?.['MONGODB_URL'])) ?? []
  const first = new MongoClient(`mongodb://${members[0]}/?directConnection=true`)
  t.teardown(() => first.close())
  await first
    .db('admin')
    .command({ replSetInitiate: { _id: set, members: members.map((host, _id) => ({ _id, host })) } })
  const client = new MongoClient(`mongodb://${members.join(',')}/?replicaSet=${set}`)
  t.teardown(() => client.close())
  const { insertedId } = await client
    .db('x')
    .collection('x')
    .insertOne({}, { writeConcern: { w: 3, journal: true } })
  t.truthy(insertedId)
})

const onPath = (name: string): string | undefined =>
  [...(process.env['PATH'] ?? '').split(delimiter), cacheFolder()].map(folder => join(folder, name)).find(existsSync)

/** For each program that a file is mounted into, the command that has it read the file, where the program can be had. */
const checks: readonly [string, string | undefined, readonly string[]][] = [
  [
    'the collector',
    onPath('otelcol') ?? onPath('otelcol-contrib'),
    [
      'validate',
      '--config',
      'observability/collector/config.yaml',
      '--config',
      'observability/collector/tail-sampling.yaml',
    ],
  ],
  ['Jaeger', onPath('jaeger'), ['validate', '--config', 'observability/jaeger/config.yaml']],
  ['Prometheus', onPath('promtool'), ['check', 'config', 'observability/prometheus/prometheus.yml']],
]
for (const [name, binary, args] of checks) {
  const whenItIsThere = binary === undefined ? test.skip : test
  whenItIsThere(`${name} takes what is mounted into it`, async t => {
    await t.notThrowsAsync(run(binary ?? '', [...args], { cwd: project }))
    const wrong = args.map(each =>
      each.replace('tail-sampling', 'none').replace('config.yaml', 'none.yaml').replace('prometheus.yml', 'none.yml'),
    )
    await t.throwsAsync(run(binary ?? '', wrong, { cwd: project }))
  })
}
