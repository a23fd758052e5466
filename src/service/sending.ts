import type { Log } from '../../observability/log.ts'
import type { DoorbellMetrics } from '../../observability/metrics.ts'
import { createEgress, type Egress } from '../egress/egress.ts'
import { createCheckEndpoint } from '../sending/check-endpoint.ts'
import { createSendAttempt } from '../sending/send-attempt.ts'
import { createSendTestEvent } from '../sending/send-test-event.ts'
import { createExtraHeaders } from '../signing/extra-headers.ts'
import type { KeyRing } from '../signing/key-ring.ts'
import { createStandardSigner } from '../signing/standard-webhooks.ts'
import { attemptLimit } from './descriptors.ts'
import type { ServiceSettings } from './settings.ts'
import type { Stores } from './stores.ts'

interface Options {
  readonly stores: Pick<Stores, 'sealer' | 'activity' | 'directory'>
  readonly egress: Egress
  readonly keyRing: KeyRing
  /** Aborted when attempts under way must be cut off. */
  readonly cutOff: AbortSignal
  readonly metrics: DoorbellMetrics
  readonly log: Log
}

export type Sending = ReturnType<typeof createSending>

/** Builds everything that signs and posts: for deliveries, test events and endpoint checks. */
export const createSending = ({ stores, egress, keyRing, cutOff, metrics, log }: Options) => {
  const { sealer, activity, directory } = stores
  const ports = {
    sign: keyRing.sign,
    standardSignature: createStandardSigner(sealer.open),
    extraHeaders: createExtraHeaders(sealer.open),
    post: egress.post,
    ending: cutOff,
    metrics,
    activity,
    log,
    now: () => performance.now(),
  }
  return {
    send: createSendAttempt({ ...ports, post: whileFresh(directory, egress.post) }),
    // These get the subscription as it is stored.
    sendTest: createSendTestEvent(createSendAttempt(ports)),
    checkEndpoint: createCheckEndpoint(ports),
  }
}

/** Nothing is posted for a subscription that may have been deleted, paused or moved long ago: the delivery waits, and uses up no attempt. */
const whileFresh =
  ({ isFresh }: Pick<Stores['directory'], 'isFresh'>, post: Egress['post']): Egress['post'] =>
  async request =>
    isFresh() ? post(request) : { type: 'unanswered', error: 'own_fault', tookMs: 0 }

/** Opens the only way out of the service, with the addresses and ports that the settings allow. */
export const openEgress = (settings: ServiceSettings, descriptors: number | null, create = createEgress): Egress =>
  create({
    allow: settings.egressAllow,
    http: settings.egressHttp,
    ports: settings.egressPorts,
    ca: settings.egressCa,
    dnsServers: settings.egressDns,
    connectionMaxAgeMs: settings.connectionMaxAgeSeconds * 1_000,
    maxAttempts: attemptLimit(descriptors),
  })
