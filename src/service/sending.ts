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
  readonly stores: Pick<Stores, 'sealer' | 'activity'>
  readonly egress: Egress
  readonly keyRing: KeyRing
  /** Aborted when attempts under way must be cut off. */
  readonly cutOff: AbortSignal
  readonly metrics: DoorbellMetrics
  readonly log: Log
}

export type Sending = ReturnType<typeof createSending>

/** Builds everything that signs and posts: for deliveries, test events and endpoint checks. */
export const createSending = ({ stores: { sealer, activity }, egress, keyRing, cutOff, metrics, log }: Options) => {
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
  const send = createSendAttempt(ports)
  return { send, sendTest: createSendTestEvent(send), checkEndpoint: createCheckEndpoint(ports) }
}

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
