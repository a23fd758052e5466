import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { jetstreamManager } from '@nats-io/jetstream'
import test from 'ava'
import { MongoClient } from 'mongodb'
import { connect } from 'nats'
import { parse } from 'yaml'
import { loadSettings } from '../../config/load.ts'
import { attributes } from '../../observability/names.ts'
import {
  environmentOf,
  onPath,
  project,
  service,
  services,
  stages,
  startComposeMongo,
  startComposeNats,
} from './compose.ts'

const run = promisify(execFile)
const entries = Object.entries(services)

test('every service has a pinned image, a health check, limits and a restart, and publishes ports only on this machine', t => {
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

test('each dependency between services has a condition that the other service can meet', t => {
  for (const [name, { depends_on = {} }] of entries)
    for (const [other, { condition }] of Object.entries(depends_on))
      t.is(
        condition,
        service(other).restart === 'on-failure' ? 'service_completed_successfully' : 'service_healthy',
        `${name} → ${other}`,
      )
})

test('every mounted file exists, and no secret is in the file', t => {
  for (const [name, { volumes = [], environment = {} }] of entries) {
    for (const [source = ''] of volumes.map(volume => volume.split(':')))
      if (source.startsWith('.')) t.true(existsSync(join(project, source)), `${name}: ${source}`)
    for (const [variable, value] of Object.entries(environment))
      if (/TOKEN|KEY|PASSWORD|SECRET/.test(variable)) t.regex(String(value), /^\$\{\w+:\?.+\}$/, variable)
  }
})

test('tail sampling uses attributes that Doorbell’s spans have', async t => {
  const text = await readFile(join(project, 'observability/collector/tail-sampling.yaml'), 'utf8')
  const asked = new Set([...text.matchAll(/webhook\.[a-z_.]+/g)].map(([name]) => name))
  const known: readonly string[] = Object.values(attributes)
  t.deepEqual(
    [...asked].filter(name => !known.includes(name)),
    [],
  )
  t.true(asked.size >= 3)
})

test('Grafana gets the variables that its provisioning uses, and Prometheus reads the ports that Doorbell opens', async t => {
  const sources = await readFile(
    join(project, 'observability/dashboards/grafana/provisioning/datasources/doorbell.yml'),
    'utf8',
  )
  const asked = [...sources.matchAll(/\$\{(\w+)\}/g)].map(([, name = '']) => name)
  t.deepEqual(asked.toSorted(), ['JAEGER_URL', 'PROMETHEUS_URL'])
  for (const name of asked) t.truthy(services[new URL(String(service('grafana').environment?.[name])).hostname], name)
  const scraped = parse(
    await readFile(join(project, 'observability/dashboards/prometheus/prometheus.yml'), 'utf8'),
  ) as {
    scrape_configs: { job_name: string; dns_sd_configs?: { names: string[]; port: number }[] }[]
  }
  const [found] = scraped.scrape_configs.find(({ job_name }) => job_name === 'doorbell')?.dns_sd_configs ?? []
  t.deepEqual(found?.names, ['api', 'worker'])
  for (const name of found?.names ?? []) t.is(service(name).environment?.['DOORBELL_METRICS_PORT'], found?.port)
})

test('Doorbell accepts the settings of its services, and a stream has a replica on every NATS node', t => {
  const secrets: Readonly<Record<string, string>> = {
    DOORBELL_ADMIN_TOKEN: 'a-token-of-the-tests',
    DOORBELL_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
    MONGODB_PASSWORD: 'a-password-of-the-tests',
  }
  for (const role of ['api', 'worker'] as const) {
    const settings = loadSettings(environmentOf(role, secrets))
    t.is(settings.role, role)
    t.is(settings.replicas, settings.natsUrl?.split(',').length ?? 0)
    for (const url of settings.natsUrl?.split(',') ?? []) t.truthy(services[new URL(url).hostname], url)
    t.regex(settings.mongodbUrl ?? '', /^mongodb:\/\/doorbell:a-password-of-the-tests@/)
    for (const [, host = ''] of settings.mongodbUrl?.matchAll(/[@,]([\w-]+):27017/g) ?? [])
      t.truthy(services[host], host)
  }
  t.true((service('worker').deploy?.replicas ?? 1) >= 2)
})

test('the three nats-servers of the file form a cluster that keeps a stream on all of them', async t => {
  const nodes = await startComposeNats(t)
  const connection = await connect({ servers: [...nodes.values()] })
  t.teardown(() => connection.close())
  const manager = await jetstreamManager(connection)
  await manager.streams.add({ name: 'S', subjects: ['s'], num_replicas: 3 })
  const { cluster } = await manager.streams.info('S')
  t.deepEqual([cluster?.leader, ...(cluster?.replicas ?? []).map(({ name }) => name)].toSorted(), [...nodes.keys()])
  t.is(cluster?.name, 'doorbell')
})

test('the three mongods of the file form the replica set in Doorbell’s settings, and its user has Doorbell’s database alone', async t => {
  const client = new MongoClient(await startComposeMongo(t))
  t.teardown(() => client.close())
  const everywhere = { writeConcern: { w: 3, journal: true } }
  const { insertedId } = await client.db('doorbell').collection('x').insertOne({}, everywhere)
  t.truthy(insertedId)
  await t.throwsAsync(client.db('x').collection('x').insertOne({}), { message: /not authorized/ })
})

/** For each program that a file is mounted into: the program, if it is installed, and the command that checks the file. */
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
  ['Prometheus', onPath('promtool'), ['check', 'config', 'observability/dashboards/prometheus/prometheus.yml']],
]
for (const [name, binary, args] of checks) {
  const whenItIsThere = binary === undefined ? test.skip : test
  whenItIsThere(`${name} accepts the files that are mounted into it`, async t => {
    await t.notThrowsAsync(run(binary ?? '', [...args], { cwd: project }))
    const wrong = args.map(each =>
      each.replace('tail-sampling', 'none').replace('config.yaml', 'none.yaml').replace('prometheus.yml', 'none.yml'),
    )
    await t.throwsAsync(run(binary ?? '', wrong, { cwd: project }))
  })
}
