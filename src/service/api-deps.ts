import { createHmac } from 'node:crypto'
import { filter } from 'rxjs'
import { eventTypes } from '../../config/event-types/index.ts'
import { observeRequest } from '../../observability/server-span.ts'
import { currentTrace } from '../../observability/traced.ts'
import type { ApiDeps } from '../api/deps.ts'
import { countReplay } from '../jobs/replay-candidates.ts'
import { createIdentityProvider } from '../signing/identity-provider.ts'
import { describeDurability } from '../streams/flush.ts'
import { newSecret } from '../signing/standard-webhooks.ts'
import type { Draining } from './draining.ts'
import { candidatePartsOf } from './jobs.ts'
import type { Parts } from './parts.ts'
import { createProgress } from './progress.ts'
import { createReadiness } from './readiness.ts'
import { retentionOf } from './settings.ts'
import { createConfiguration } from './configuration.ts'
import { wait } from './wait.ts'
import { isTokenSignal, retentionSignal, testedSignal } from './wake-ups.ts'

/** Gives the API what it needs, with one line for each group of routes. */
export const apiDepsOf = (parts: Parts, publicUrl: string, draining: Draining): ApiDeps => ({
  ...forService(parts, draining),
  ...forRequests(parts, publicUrl),
  ...forEvents(parts),
  ...forTenants(parts),
  ...forSubscriptions(parts),
  ...forDeliveries(parts, draining),
  ...forReplays(parts),
  ...forRetention(parts),
})

/** For readiness and the key set. */
const forService = ({ settings, streams, ledger, keyRing, reconciler, flush }: Parts, draining: Draining) => ({
  role: settings.role,
  acceptedEvents: () => describeDurability(flush.durability()),
  checks: createReadiness({
    nats: streams.ping,
    mongodb: ledger.ping,
    isStopping: draining.hasBegun,
    broken: reconciler.broken,
    wait,
  }),
  jwks: keyRing.jwks,
  signingKeys: keyRing,
})

/** For every request: authentication, rate limits, tracing, audit and log. */
const forRequests = ({ settings, ledger, metrics, log }: Parts, publicUrl: string) => ({
  publicUrl,
  adminToken: settings.adminToken,
  identify: settings.identityProvider === null ? null : createIdentityProvider(settings.identityProvider),
  requestsPerMinute: settings.requestsPerMinute,
  eventsPerMinute: settings.eventsPerMinute,
  corsOrigins: settings.corsOrigins,
  idempotency: ledger.idempotency,
  derive: (text: string) => createHmac('sha256', settings.encryptionKey).update(text).digest(),
  audit: ledger.audit,
  observe: observeRequest(metrics.answered),
  trace: currentTrace,
  now: () => Date.now(),
  log,
})

const forEvents = ({ settings, streams, ledger, metrics, log, reader, accept, readEvent, readFeed }: Parts) => ({
  eventTypes,
  readPosted: reader.posted,
  accept,
  eventsPerVisit: settings.eventsPerVisit,
  visitFlooded: ({ tenant, visitId }: { readonly tenant: string; readonly visitId: string }) => {
    metrics.visitFlooded()
    const remedy = 'find the receiver that publishes an event for each webhook of this visit'
    log.warn({ tenant, visitId, limit: settings.eventsPerVisit, remedy }, 'a visit has too many events')
  },
  readEvent,
  readFeed,
  ...createProgress(streams, reader, settings.partitions),
  unmatched: ledger.unmatched,
  jaegerUrl: settings.jaegerUrl,
})

const forTenants = ({ ledger, streams }: Parts) => ({
  tenants: ledger.tenants,
  tokens: ledger.tokens,
  revokedTokens$: streams.wakes$.pipe(filter(isTokenSignal)),
  wake: streams.wake,
})

const forSubscriptions = ({ ledger, streams, directory, sealer, egress, metrics, checkEndpoint, sendTest }: Parts) => ({
  subscriptions: ledger.subscriptions,
  health: ledger.health,
  ...createConfiguration(streams, directory),
  newSecret,
  seal: sealer.seal,
  open: sealer.open,
  checkUrl: (url: string) =>
    egress.checkUrl(url).catch((error: unknown) => {
      metrics.urlRefused()
      throw error
    }),
  checkEndpoint,
  sendTest,
  endpointAnswered: (id: string) => streams.wake(testedSignal(id)),
})

const forDeliveries = ({ ledger, bodyOf }: Parts, { begins$ }: Draining) => ({
  deliveries: ledger.deliveries,
  activity: ledger.activity,
  liveRows: ledger.live.rows$,
  stopping$: begins$,
  bodyOf,
})

const forReplays = (parts: Parts) => ({
  replays: parts.ledger.replays,
  countReplay: (replay: Parameters<ApiDeps['countReplay']>[0]) => countReplay(candidatePartsOf(parts), replay),
})

const forRetention = ({ settings, ledger, streams }: Parts): Pick<ApiDeps, 'erasures' | 'retention'> => ({
  erasures: ledger.erasures,
  retention: {
    defaults: retentionOf(settings),
    own: async tenant => (await ledger.retention.get(tenant))?.own ?? {},
    put: async (tenant, own) => {
      await ledger.retention.put(tenant, own)
      streams.wake(retentionSignal(tenant))
    },
  },
})
