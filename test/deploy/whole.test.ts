import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { jetstreamManager } from '@nats-io/jetstream'
import type { ExecutionContext } from 'ava'
import { connect } from 'nats'
import { parse, stringify } from 'yaml'
import { freePort } from '../../src/embedded/ports.ts'
import { createServerProcess } from '../../tools/clusters/server-process.ts'
import { environmentOf, newFolder, onPath, project, service, startComposeMongo, startComposeNats } from './compose.ts'
import { adminToken, checkIn, rowWhen, subscribe } from '../support/doorbell.ts'
import { named, startTestJaeger, whenThereIsAJaeger } from '../telemetry/jaeger.ts'
import { startReceiver } from '../support/receiver.ts'
import { type ServiceProcess, startProcess } from '../support/service-process.ts'

const mounted = (path: string) => join(project, 'observability', path)

/** Starts the collector of the file in front of a Jaeger, or, if no collector is installed, a Jaeger that samples by the same file. */
const startTelemetry = async (t: ExecutionContext) => {
  const collector = onPath('otelcol') ?? onPath('otelcol-contrib')
  const sampling = { TAIL_SAMPLING_DECISION_WAIT: '1s', TAIL_SAMPLING_PERCENTAGE: '100' }
  const own = [
    'jaeger/config.yaml',
    ...(collector === undefined ? ['collector/tail-sampling.yaml', 'jaeger/tail-sampling.yaml'] : []),
  ]
  const jaeger = await startTestJaeger(t, own.map(mounted), sampling)
  if (collector === undefined) return { jaeger, tracesUrl: `${jaeger.otlpUrl}/v1/traces` }
  const [http, grpc, health] = [await freePort(0), await freePort(0), await freePort(0)]
  const folder = await newFolder(t)
  const ports = join(folder, 'ports.yaml')
  const at = (port: number) => ({ endpoint: `127.0.0.1:${port}` })
  await writeFile(
    ports,
    stringify({
      receivers: { otlp: { protocols: { grpc: at(grpc), http: at(http) } } },
      extensions: { health_check: at(health) },
      service: { telemetry: { metrics: { level: 'none', readers: [] } } },
    }),
  )
  const files = [mounted('collector/config.yaml'), mounted('collector/tail-sampling.yaml'), ports]
  const server = createServerProcess({
    name: 'collector',
    binary: collector,
    folder,
    args: files.flatMap(file => ['--config', file]),
    environment: { ...sampling, JAEGER_ENDPOINT: `127.0.0.1:${jaeger.otlpGrpcPort}` },
    isReady: async () => (await fetch(`http://127.0.0.1:${health}/`)).ok,
  })
  t.teardown(() => server.kill())
  await server.start()
  return { jaeger, tracesUrl: `http://127.0.0.1:${http}/v1/traces` }
}

/** Starts Prometheus with the file's configuration, and with targets instead of the names of containers. Null: it is not installed. */
const startPrometheus = async (t: ExecutionContext, targets: readonly string[]) => {
  const binary = onPath('prometheus')
  if (binary === undefined) return null
  const folder = await newFolder(t)
  const config = parse(await readFile(mounted('dashboards/prometheus/prometheus.yml'), 'utf8')) as {
    global: object
    scrape_configs: { job_name: string }[]
  }
  const rules = await readFile(mounted('dashboards/prometheus/rules.yml'), 'utf8')
  await writeFile(join(folder, 'rules.yml'), rules)
  const scrape = [{ job_name: 'doorbell', static_configs: [{ targets }] }]
  const file = join(folder, 'prometheus.yml')
  const often = { scrape_interval: '1s', evaluation_interval: '1s' }
  await writeFile(file, stringify({ ...config, global: often, scrape_configs: scrape }))
  const port = await freePort(0)
  const url = `http://127.0.0.1:${port}`
  const server = createServerProcess({
    name: 'prometheus',
    binary,
    folder,
    args: [
      `--config.file=${file}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    isReady: async () => (await fetch(`${url}/-/ready`)).ok,
  })
  t.teardown(() => server.kill())
  await server.start()
  return async <T>(path: string): Promise<T> =>
    ((await (await fetch(`${url}/api/v1/${path}`)).json()) as { data: T }).data
}

whenThereIsAJaeger(
  'all of docker-compose.yml runs as processes: a check-in goes through the cluster, its trace through the collector, its metrics to Prometheus, and the host app receives the webhook',
  async t => {
    t.timeout(240_000)
    const [nats, mongodbUrl, { jaeger, tracesUrl }] = [
      await startComposeNats(t),
      await startComposeMongo(t),
      await startTelemetry(t),
    ]
    const secrets = { DOORBELL_ADMIN_TOKEN: adminToken, DOORBELL_ENCRYPTION_KEY: randomBytes(32).toString('base64') }
    const metrics: string[] = []
    /** Starts a process with the settings of the file, but for the addresses of containers. */
    const start = async (role: 'api' | 'worker'): Promise<ServiceProcess> => {
      const port = await freePort(0)
      metrics.push(`127.0.0.1:${port}`)
      const started = await startProcess({
        ...environmentOf(role, secrets),
        HOST: '127.0.0.1',
        NATS_URL: [...nats.values()].join(','),
        MONGODB_URL: mongodbUrl,
        DOORBELL_METRICS_PORT: String(port),
        DOORBELL_EGRESS_ALLOW: '127.0.0.0/8',
        DOORBELL_JAEGER_URL: jaeger.queryUrl,
        OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: tracesUrl,
      })
      t.teardown(() => started.child.kill('SIGKILL'))
      return started
    }
    const api = await start('api')
    for (let replica = 0; replica < (service('worker').deploy?.replicas ?? 1); replica += 1) await start('worker')

    const receiver = await startReceiver(t)
    const { id } = await subscribe(api, receiver.url)
    const { body } = await api.call<{ traceId: string }>('POST', '/v1/tenants/acme/events', checkIn({ id: 'evt-1' }))
    await rowWhen(api, `evt-1.${id}`)
    const connection = await connect({ servers: [...nats.values()] })
    t.teardown(() => connection.close())
    const { config, cluster } = await (await jetstreamManager(connection)).streams.info('VISITS')
    t.deepEqual([config.num_replicas, cluster?.replicas?.length], [3, 2])
    const trace = await jaeger.traceWhen(body.traceId, ({ spans }) => spans.length === 6)
    t.is(named(trace, 'attempt delivery').length, 1)

    const prometheus = await startPrometheus(t, metrics)
    for (let up = 0; prometheus !== null && up < metrics.length;)
      up = (await prometheus<{ result: object[] }>('query?query=up{job="doorbell"}==1')).result.length
    if (prometheus !== null) {
      const { groups } = await prometheus<{ groups: { rules: { lastError?: string }[] }[] }>('rules')
      t.true(groups.length > 0)
      t.deepEqual(
        groups.flatMap(({ rules }) => rules.flatMap(({ lastError }) => lastError ?? [])),
        [],
      )
      const query = new URLSearchParams({
        query: 'sum(webhook_delivery_outcomes_total{webhook_delivery_status="delivered"})',
      })
      const { result } = await prometheus<{ result: { value: [number, string] }[] }>(`query?${query.toString()}`)
      t.true(Number(result[0]?.value[1]) >= 1)
    }

    const appPort = await freePort(0)
    const app = spawn(process.execPath, ['examples/host-app/start.ts'], {
      cwd: project,
      stdio: ['ignore', 'ignore', 'pipe'],
      env: {
        ...environmentOf('host-app', secrets),
        NO_COLOR: '1',
        HOST_APP_HOST: '127.0.0.1',
        HOST_APP_PORT: String(appPort),
        HOST_APP_URL: `http://127.0.0.1:${appPort}`,
        HOST_APP_DATA_DIR: await newFolder(t),
        DOORBELL_URL: api.url,
      },
    })
    t.teardown(() => app.kill('SIGKILL'))
    let said = ''
    await new Promise<void>((resolve, reject) => {
      app.stderr.on('data', (data: Buffer) => {
        said += String(data)
        if (said.includes('a signed test event arrived and was verified')) resolve()
      })
      app.once('exit', () => reject(new Error(said)))
    })
    t.pass('the host app verified a signed delivery')
  },
)
