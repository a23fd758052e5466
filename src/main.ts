import { styleText } from 'node:util'
import { helpText } from '../config/help.ts'
import { loadSettings } from '../config/load.ts'
import type { Settings } from '../config/settings.ts'
import { createLog } from '../observability/log.ts'
import { scrape, telemetry } from '../observability/register.ts'
import { Failure } from './domain/failure.ts'
import { type DataFolder, openDataFolder } from './embedded/data-folder.ts'
import { type Embedded, startEmbedded } from './embedded/embedded.ts'
import { type MetricsServer, serveMetrics } from './service/metrics-port.ts'
import { type Service, startService } from './service/service.ts'
import { startWorkerProcesses, type WorkerProcesses } from './service/processes.ts'

/** `npm start`: settings, servers of its own if none are named, the service, and an orderly end. */
const say = (line: string): void => void process.stderr.write(`${line}\n`)
const styled = (style: 'bold' | 'dim' | 'red', text: string) => styleText(style, text, { stream: process.stderr })

const main = async (): Promise<void> => {
  if (process.argv.includes('--help')) return void process.stdout.write(`${helpText()}\n`)
  const settings = loadSettings(process.env)
  const log = createLog(settings.logLevel)
  telemetry.reportTo(log)
  let folder: DataFolder | undefined
  let embedded: Embedded | undefined
  let service: Service | undefined
  let workers: WorkerProcesses | undefined
  let metrics: MetricsServer | undefined
  let stopping = false

  /** The reverse order of the start; spans last, so that the end itself is seen. */
  const stop = async (exitCode: number): Promise<void> => {
    if (stopping) return
    stopping = true
    // Whatever hangs: a supervisor of processes would kill after 15 s anyway.
    setTimeout(() => process.exit(exitCode || 1), 14_000).unref()
    try {
      await workers?.stop()
      await service?.stop()
      await metrics?.stop()
    } catch (error) {
      log.error(
        { err: error, remedy: 'nothing is lost: what was not finished is offered again at the next start' },
        'the stop met a fault',
      )
    }
    await telemetry.shutdown().catch(() => undefined)
    await embedded?.stop()
    await folder?.release()
    process.exit(exitCode)
  }
  // SIGHUP: the terminal was closed.
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => void stop(0))
  // A worker process whose parent has died.
  process.on('disconnect', () => void stop(0))
  process.on('uncaughtException', error => {
    log.error({ err: error, remedy: 'a defect: report it with this line' }, 'uncaught error')
    void stop(1)
  })

  const start = async (): Promise<void> => {
    const embeds = settings.natsUrl === null || settings.mongodbUrl === null
    if (embeds) {
      folder = await openDataFolder(settings.dataDir)
      embedded = await startEmbedded({
        dataDir: folder.path,
        sync: settings.sync,
        nats: settings.natsUrl === null,
        mongodb: settings.mongodbUrl === null,
        progress: line => say(styled('dim', line)),
        onExit: (name, detail) => {
          log.error({ server: name, detail, remedy: `see ${settings.dataDir}/${name}.log` }, 'an embedded server ended')
          void stop(1)
        },
      })
    }
    const adminToken = settings.adminToken ?? folder?.adminToken ?? ''
    const fleet = settings.workers > 1
    const resolved = {
      ...settings,
      // With worker processes beside it this one leaves the deliveries to them.
      role: fleet && settings.role === 'all' ? ('api' as const) : settings.role,
      natsUrl: settings.natsUrl ?? embedded?.natsUrl ?? '',
      mongodbUrl: settings.mongodbUrl ?? embedded?.mongodbUrl ?? '',
      adminToken,
      encryptionKey: settings.encryptionKey ?? folder?.encryptionKey ?? new Uint8Array(),
    }
    if (scrape !== null && settings.metricsPort !== null)
      metrics = await serveMetrics(scrape, { host: settings.metricsHost, port: settings.metricsPort })
    service = await startService(resolved, log)
    if (fleet)
      workers = startWorkerProcesses({
        count: settings.role === 'all' ? settings.workers : settings.workers - 1,
        environment: {
          NATS_URL: resolved.natsUrl,
          MONGODB_URL: resolved.mongodbUrl,
          DOORBELL_ADMIN_TOKEN: adminToken,
          DOORBELL_ENCRYPTION_KEY: Buffer.from(resolved.encryptionKey).toString('base64'),
          PUBLIC_URL: settings.publicUrl ?? service.url,
        },
        environmentOf: number => ({ DOORBELL_METRICS_PORT: portAfter(settings.metricsPort, number + 1) }),
        onExit: (how, againInMs) =>
          log.error(
            { how, againInMs, remedy: 'see the lines before; its partitions go to the other workers meanwhile' },
            'a worker process ended and is started again',
          ),
      })
    greet(
      { url: service.url, metricsUrl: metrics?.url ?? null },
      settings,
      settings.adminToken === null ? adminToken : null,
    )
  }
  await start().catch((error: unknown) => {
    complain(error)
    return stop(1)
  })
}

/** The worker processes' ports follow this one's; any free one stays any free one, none stays none. */
const portAfter = (port: number | null, number: number): string =>
  port === null ? '' : String(port === 0 ? 0 : port + number)

interface Urls {
  readonly url: string
  readonly metricsUrl: string | null
}

const greet = ({ url, metricsUrl }: Urls, settings: Settings, generatedToken: string | null): void => {
  if (settings.role === 'worker') {
    say(`Doorbell worker, readiness at ${url}/readyz`)
    return metricsUrl === null ? undefined : say(`Doorbell worker, metrics at ${metricsUrl}`)
  }
  const lines = [
    ['Doorbell', `${url}/`],
    ['API reference', `${url}/docs`],
    ['event types', `${url}/v1/event-types`],
    ['key set', `${settings.publicUrl ?? url}/.well-known/jwks.json`],
    ['operator token', generatedToken ?? 'as set in DOORBELL_ADMIN_TOKEN'],
    ...(metricsUrl === null ? [] : [['metrics', metricsUrl] as const]),
  ] as const
  for (const [name, value] of lines) say(`${styled('bold', name.padEnd(16))}${value}`)
  return undefined
}

const complain = (error: unknown): void => {
  const text = error instanceof Failure ? error.message : String(error instanceof Error ? error.stack : error)
  say(styled('red', text))
}

main().catch((error: unknown) => {
  complain(error)
  process.exit(1)
})
