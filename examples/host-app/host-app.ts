import { mkdir } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createVerifier, koaReceiver } from 'doorbell/receiver'
import type { Middleware } from 'koa'
import { createApp } from './app.ts'
import { createNotifications, notificationTables } from './customer/notifications.ts'
import { createSessions, sessionTables } from './customer/sessions.ts'
import { createVisits, visitTables } from './customer/visits.ts'
import { createEventHandler, createSeenIds, seenTables } from './customer/webhooks.ts'
import { openDatabase } from './database.ts'
import { createDoorbellClient } from './doorbell/client.ts'
import { register, type Registration, testDelivery } from './doorbell/register.ts'
import { createRegistrationStore, registrationTables } from './doorbell/registration-store.ts'
import { createLive } from './live.ts'
import { createPlatform } from './platform/platform.ts'
import { startPublisher } from './platform/publisher.ts'
import { frontDeskTopic } from './platform/routes.ts'
import { Explained, type HostAppSettings } from './settings.ts'

export interface HostApp {
  readonly url: string
  readonly registration: Registration
  /** The duration of Doorbell's test delivery, milliseconds. */
  readonly testTookMs: number
  stop(): Promise<void>
}

/** Starts the customer's app and the front desk on one port, and subscribes to the running Doorbell. Throws Explained with instructions. */
export const startHostApp = async (settings: HostAppSettings, complain: (text: string) => void): Promise<HostApp> => {
  const doorbell = createDoorbellClient(settings.doorbellUrl)
  const issuer = await doorbell.issuer()
  await mkdir(settings.dataDir, { recursive: true, mode: 0o700 })

  // Two files, because the app and the platform are two systems: the app learns about check-ins by webhook only.
  const database = openDatabase(
    join(settings.dataDir, 'app.sqlite'),
    registrationTables + visitTables + notificationTables + sessionTables + seenTables,
  )
  const live = createLive()
  const platform = createPlatform(join(settings.dataDir, 'platform.sqlite'), () => {
    live.publish(frontDeskTopic, { event: 'changed', data: {} })
    publisher?.wake()
  })
  let publisher: ReturnType<typeof startPublisher> | undefined

  const visits = createVisits(database)
  const notifications = createNotifications(database)
  const onEvent = createEventHandler({ database, visits, notifications, live })
  // Until the subscription is known, a webhook cannot be verified. Doorbell retries it later.
  let receive: Middleware = context => void (context.status = 503)

  const app = createApp({
    sessions: createSessions(database),
    visits,
    notifications,
    live,
    platform,
    receive: (context, next) => receive(context, next),
  })
  app.on('error', (error: Error & { code?: string }) => {
    // A browser may close its connection at any time.
    if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_PREMATURE_CLOSE')
      complain(String(error.stack ?? error))
  })
  const handle = app.callback()
  const server = createServer((request, response) => void handle(request, response))
  const stop = async (): Promise<void> => {
    await publisher?.stop()
    live.close()
    await new Promise(resolve => {
      server.close(resolve)
      server.closeAllConnections()
    })
    platform.close()
    database.close()
  }

  try {
    const url = `http://127.0.0.1:${await listen(server, settings)}`
    const webhookUrl = `${settings.reachedAt ?? url}/webhooks`
    const registration = await register(doorbell, createRegistrationStore(database), {
      adminToken: settings.adminToken,
      webhookUrl,
    })
    const { tenant, publishToken, subscriptionId, secret } = registration
    receive = koaReceiver({
      verifier: createVerifier({
        issuer,
        subscriptionId,
        secret,
        jwksUrl: `${settings.doorbellUrl}/.well-known/jwks.json`,
      }),
      onEvent,
      seen: createSeenIds(database),
      onError: error => complain(`a webhook was rejected: ${error instanceof Error ? error.message : String(error)}`),
    })
    const { tookMs } = await testDelivery(doorbell, registration, webhookUrl)
    publisher = startPublisher(
      platform.outbox,
      event => doorbell.publish(publishToken, tenant, event),
      error =>
        complain(`an event could not be published yet: ${error instanceof Error ? error.message : String(error)}`),
    )
    return { url, registration, testTookMs: tookMs, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

const listen = (server: Server, { host, port }: HostAppSettings): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'EADDRINUSE'
          ? new Explained(`Port ${port} is in use. Set HOST_APP_PORT to a free port.`)
          : error,
      ),
    )
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port))
  })
