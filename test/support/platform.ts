import { randomBytes } from 'node:crypto'
import type { ExecutionContext } from 'ava'
import { startEmbedded } from '../../src/embedded/embedded.ts'
import { type ServiceProcess, startProcess, temporaryFolder } from './service-process.ts'

export interface Platform {
  readonly natsUrl: string
  readonly mongodbUrl: string
  readonly api: ServiceProcess
  readonly worker: ServiceProcess
  /** Ends both in order, so that they export all their spans. */
  end(): Promise<void>
}

/** Servers of a test's own, with an api and a worker as processes apart. */
export const startPlatform = async (
  t: ExecutionContext,
  environment: Readonly<Record<string, string>>,
): Promise<Platform> => {
  const servers = await startEmbedded({
    dataDir: await temporaryFolder(t),
    sync: 'interval',
    nats: true,
    mongodb: true,
    progress: () => undefined,
    onExit: (name, detail) => t.log(`${name} ended: ${detail}`),
  })
  t.teardown(servers.stop)
  const { natsUrl, mongodbUrl } = servers
  if (natsUrl === null || mongodbUrl === null) throw new Error('both servers were asked for')
  const shared = {
    NATS_URL: natsUrl,
    MONGODB_URL: mongodbUrl,
    DOORBELL_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
    PUBLIC_URL: 'http://doorbell.test',
    ...environment,
  }
  const start = async (role: string) => {
    const started = await startProcess({ ...shared, DOORBELL_ROLE: role, OTEL_SERVICE_NAME: `doorbell-${role}` })
    t.teardown(() => started.child.kill('SIGKILL'))
    return started
  }
  const [api, worker] = [await start('api'), await start('worker')]
  return {
    natsUrl,
    mongodbUrl,
    api,
    worker,
    end: async () => {
      for (const { child, ended } of [api, worker]) {
        child.kill('SIGTERM')
        t.is(await ended, 0, 'spans are flushed at the end')
      }
    },
  }
}
