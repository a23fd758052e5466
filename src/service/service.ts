import { createServer, type RequestListener } from 'node:http'
import { filter, Subject } from 'rxjs'
import { eventTypes } from '../../config/event-types/index.ts'
import type { Settings } from '../../config/settings.ts'
import type { Log } from '../../observability/log.ts'
import { createMetrics } from '../../observability/metrics.ts'
import { observeGauges } from '../../observability/metrics/gauges.ts'
import { observeRequest } from '../../observability/server-span.ts'
import { currentTrace } from '../../observability/traced.ts'
import { createApi } from '../api/api.ts'
import { answerUnreadable } from '../api/http/unreadable.ts'
import type { VisitEvent } from '../domain/event.ts'
import { createEgress } from '../egress/egress.ts'
import { createIntake } from '../intake/intake.ts'
import { createEventReader } from '../intake/read-event.ts'
import { startDirectory } from '../ledger/directory.ts'
import { openLedger } from '../ledger/ledger.ts'
import { mountPortal } from '../portal/mount.ts'
import { createIdentityProvider } from '../signing/identity-provider.ts'
import { createKeyRing } from '../signing/key-ring.ts'
import { createExtraHeaders } from '../signing/extra-headers.ts'
import { createSealer } from '../signing/sealer.ts'
import { createStandardSigner, newSecret } from '../signing/standard-webhooks.ts'
import { answerStarting, listen } from './http-server.ts'
import { connectStreams } from '../streams/connect.ts'
import { tracedPublish } from './traced-ports.ts'
import { countActivity } from '../sending/activity.ts'
import { createBodyOf } from '../sending/body-of.ts'
import { createEndpointCheck } from '../sending/endpoint-check.ts'
import { keepKeys } from '../jobs/key-rotation.ts'
import { refuseWrongKey } from './refuse-wrong-key.ts'
import { reseal } from '../jobs/re-encrypt.ts'
import { countMissing } from '../jobs/replays.ts'
import { patienceOf } from './supervisor-ports.ts'
import { createTestSender } from '../sending/test-sender.ts'
import { gaugeSourcesOf } from './gauge-sources.ts'
import { partitionWindow } from './open-partition.ts'
import { streamKeepMs } from '../jobs/retention.ts'
import { ackWaitMs, leaseMs, retentionSignal, startWorker, type Worker } from './worker.ts'

/** The settings with everything that was open filled in. */
export interface ServiceSettings extends Settings {
  readonly natsUrl: string
  readonly mongodbUrl: string
  readonly adminToken: string
  readonly encryptionKey: Uint8Array
  /** For tests: a database of its own. */
  readonly database?: string
}

export interface Service {
  /** Where the API listens. */
  readonly url: string
  /** Ends everything in the reverse order of its start; what is under way is finished or handed back. A second call waits for the first. */
  stop(): Promise<void>
}

/** Attempts that are not finished by then are cut off, and count for nothing. */
const finishWithinMs = 8_000

/** Builds all parts, wires them, and starts them. */
export const startService = async (settings: ServiceSettings, log: Log): Promise<Service> => {
  const now = () => Date.now()
  const metrics = createMetrics()
  const ledger = await openLedger({
    auditRetentionDays: settings.auditRetentionDays,
    observer: metrics,
    url: settings.mongodbUrl,
    onDone: (migration, tookMs) => log.info({ migration, tookMs }, 'the ledger’s documents were migrated'),
    ...(settings.database === undefined ? {} : { database: settings.database }),
  })
  const streams = await connectStreams({
    url: settings.natsUrl,
    log,
    groupCommit: settings.sync === 'always',
    ...(settings.database === undefined ? {} : { names: { stream: settings.database, root: settings.database } }),
  })
  const refuse = async (error: unknown): Promise<never> => {
    await streams.close()
    await ledger.close()
    throw error
  }
  const retention = { payloadDays: settings.payloadRetentionDays, logDays: settings.logRetentionDays }
  const longestPayloadDays = Math.max(retention.payloadDays, await ledger.retention.longestPayloadDays())
  const shape = {
    partitions: settings.partitions,
    replicas: settings.replicas,
    ackWaitMs,
    window: partitionWindow,
    leaseMs,
  }
  await streams.ensure({ ...shape, keepMs: streamKeepMs(longestPayloadDays) }).catch(refuse)
  const sealer = createSealer(settings.encryptionKey, settings.previousEncryptionKeys)
  const resealed = await refuseWrongKey(reseal(ledger, sealer)).catch(refuse)
  if (resealed > 0) log.info({ count: resealed }, 'sealed anew with DOORBELL_ENCRYPTION_KEY')
  const directory = await startDirectory(ledger.subscriptions, log)

  // The port is needed before the rest is built: whoever calls meanwhile is told to come again.
  let stopping: Promise<void> | null = null
  let handle: RequestListener = answerStarting
  const server = createServer({ keepAliveTimeout: 30_000 }, (request, response) => {
    // An ending process takes no new work, and tells clients not to use the connection again.
    if (stopping !== null) response.setHeader('Connection', 'close')
    handle(request, response)
  })
  server.on(
    'clientError',
    answerUnreadable(() => publicUrl),
  )
  const url = await listen(server, settings)
  const publicUrl = settings.publicUrl ?? url
  const keyRing = await refuseWrongKey(
    createKeyRing({ store: ledger.keys, sealer, issuer: publicUrl, now, alg: settings.signingAlg }),
  )
  const keyKeeper = keepKeys({ keyRing, log, now }, settings.keyRotationDays)
  const egress = createEgress({
    allow: settings.egressAllow,
    http: settings.egressHttp,
    ports: settings.egressPorts,
    ca: settings.egressCa,
  })
  const reader = createEventReader(eventTypes)
  const ending = new AbortController()
  const stopping$ = new Subject<void>()
  const activity = countActivity(ledger.activity.add, patienceOf({ log }).onWait)
  let worker: Worker | null = null
  observeGauges(gaugeSourcesOf({ settings, streams, ledger, directory, keyRing, worker: () => worker }), metrics)
  const accept = createIntake({ publish: tracedPublish(streams, metrics) })
  /** Null: the message is none of ours, as a platform's publisher may put one there. */
  const eventOf = (tenant: string, type: string, text: string): VisitEvent | null => {
    try {
      return reader.message(tenant, type, text, now())
    } catch {
      return null
    }
  }
  const readEvent = async (tenant: string, type: string, sequence: number): Promise<VisitEvent | null> => {
    const text = await streams.read(sequence)
    return text === null ? null : eventOf(tenant, type, text)
  }
  const bodyOf = createBodyOf(readEvent)
  const parts = {
    bodyOf,
    streams,
    ledger,
    directory,
    egress,
    keyRing,
    standardSignature: createStandardSigner(sealer.open),
    extraHeaders: createExtraHeaders(sealer.open),
    reader,
    publish: accept,
    metrics,
    activity,
    log,
    retention,
    replicas: settings.replicas,
    partitions: settings.partitions,
    ending: ending.signal,
  }
  if (settings.role !== 'api') worker = await startWorker(parts)

  const api = createApi({
    role: settings.role,
    publicUrl,
    adminToken: settings.adminToken,
    jaegerUrl: settings.jaegerUrl,
    eventTypes,
    readPosted: reader.posted,
    accept,
    tenants: ledger.tenants,
    tokens: ledger.tokens,
    audit: ledger.audit,
    identify: settings.identityProvider === null ? null : createIdentityProvider(settings.identityProvider),
    subscriptions: ledger.subscriptions,
    deliveries: ledger.deliveries,
    health: ledger.health,
    idempotency: ledger.idempotency,
    requestsPerMinute: settings.requestsPerMinute,
    eventsPerMinute: settings.eventsPerMinute,
    corsOrigins: settings.corsOrigins,
    replays: ledger.replays,
    countReplay: replay =>
      replay.selection === 'missing' ? countMissing(parts, replay) : ledger.replays.count(replay),
    sendTest: createTestSender(parts),
    bodyOf,
    wake: streams.wake,
    erasures: ledger.erasures,
    retention: {
      defaults: retention,
      own: async tenant => (await ledger.retention.get(tenant))?.own ?? {},
      put: async (tenant, own) => {
        await ledger.retention.put(tenant, own)
        streams.wake(retentionSignal(tenant))
      },
    },
    inForce: directory.inForce,
    readEvent,
    readFeed: async query => {
      const messages = await streams.history(query)
      return messages.map(({ sequence, type, text }) => ({ sequence, event: eventOf(query.tenant, type, text) }))
    },
    unmatched: ledger.unmatched,
    activity: ledger.activity,
    liveRows: ledger.live.rows$,
    stopping$,
    revokedTokens$: streams.wakes$.pipe(filter(id => id.startsWith('tok_'))),
    jwks: keyRing.jwks,
    signingKeys: keyRing,
    checkEndpoint: createEndpointCheck(parts),
    newSecret,
    seal: sealer.seal,
    open: sealer.open,
    checkUrl: wanted =>
      egress.checkUrl(wanted).catch((error: unknown) => {
        metrics.urlRefused()
        throw error
      }),
    checks: async () => ({
      nats: await answers(streams.ping()),
      mongodb: await answers(ledger.ping()),
      process: stopping === null ? 'ok' : 'is ending',
    }),
    trace: currentTrace,
    observe: observeRequest(metrics.answered),
    now,
    log,
  })
  if (settings.role !== 'worker') mountPortal(api, publicUrl)
  const callback = api.callback()
  handle = (request, response) => void callback(request, response)

  const stop = async () => {
    log.info({}, 'stopping: no new requests, attempts under way are finished')
    stopping$.next()
    const closed = new Promise(resolve => server.close(resolve))
    server.closeIdleConnections()
    const cutOff = setTimeout(() => ending.abort(new Error('the process is ending')), finishWithinMs)
    await worker?.drain()
    clearTimeout(cutOff)
    const force = setTimeout(() => server.closeAllConnections(), 2_000)
    await closed
    clearTimeout(force)
    await keyKeeper.stop()
    await egress.close()
    await directory.stop()
    await activity.stop()
    await streams.close()
    await ledger.close()
    log.info({}, 'stopped: every delivery is in the ledger or still in the stream')
  }
  return {
    url,
    stop: () => (stopping ??= stop()),
  }
}

/** A platform's probe gives up after seconds: one that hangs is told of before. */
const pingWithinMs = 2_000

const answers = async (ping: Promise<void>): Promise<string> => {
  const late = Promise.withResolvers<string>()
  const timer = setTimeout(() => late.resolve(`does not answer within ${pingWithinMs / 1_000} s`), pingWithinMs)
  const answered = ping.then(
    () => 'ok',
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  )
  return Promise.race([answered, late.promise]).finally(() => clearTimeout(timer))
}
