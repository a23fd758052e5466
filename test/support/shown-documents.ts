import { ago, minuteMs, nine, storedDocuments } from './stored-documents.ts'

/** Minutes before nine, as the API writes a time. */
export const isoAgo = (minutes: number): string => new Date(ago(minutes)).toISOString()
const isoIn = (minutes: number): string => new Date(nine + minutes * minuteMs).toISOString()

const { delivery, subscription, token } = storedDocuments
const jaeger = 'http://jaeger.test/trace'
const { url, eventTypes, description, filter, retry, timeoutMs, maxInFlight, ordering, payload } = subscription
const { propagateTrace, ratePerSecond, expiresAfterMs, requireVerification } = subscription

/** The settings of the stored subscription. */
const settings = {
  url,
  eventTypes,
  description,
  filter,
  retry,
  timeoutMs,
  maxInFlight,
  ordering,
  payload,
  propagateTrace,
  ratePerSecond,
  expiresAfterMs,
  requireVerification,
  headers: { 'x-a': '***' },
  auth: { type: 'bearer', token: '***' },
}

/** What an audit entry shows of these settings. */
const audited = {
  ...settings,
  url: 'https://receiver.example/hook?***',
  headers: ['x-a'],
  auth: { type: 'bearer' },
}

/** The stored documents as the API shows them. */
export const shownDocuments = {
  settings,
  audited,
  subscription: {
    id: 'sub_1',
    ...settings,
    status: 'paused',
    statusReason: 'Paused by a user.',
    statusSince: isoAgo(30),
    circuit: 'open',
    circuitSince: isoAgo(26),
    circuitReason: 'It fails.',
    nextProbeAt: isoIn(2),
    failingSince: isoAgo(25),
    verification: { state: 'verified', at: isoAgo(29), detail: 'It answered the challenge.' },
    probe: { accepted: false, at: isoAgo(28), detail: 'It refused the wrong signature.' },
    previousSecretValidUntil: isoIn(5),
    createdAt: isoAgo(700),
    updatedAt: isoAgo(27),
  },
  backlog: { pending: 2, held: 3, oldestPendingAt: isoAgo(21) },
  delivery: {
    id: 'event-1.sub_1',
    eventId: 'event-1',
    subscriptionId: 'sub_1',
    visitId: 'visit-1',
    type: 'visit.checked_in',
    status: 'pending',
    reason: 'retry_after',
    kind: 'replay',
    nextAttemptAt: isoIn(1),
    createdAt: isoAgo(21),
    updatedAt: isoAgo(18),
    traceId: '5'.repeat(32),
    jaegerUrl: `${jaeger}/${'5'.repeat(32)}`,
    attempts: delivery.attempts.map(({ spanId, ...attempt }, index) => ({
      ...attempt,
      at: isoAgo(20 - index),
      jaegerUrl: `${jaeger}/${attempt.traceId}?uiFind=${spanId}`,
    })),
  },
  replay: {
    id: 'rpl_1',
    subscriptionId: 'sub_1',
    from: isoAgo(600),
    to: isoAgo(500),
    status: 'dead',
    perSecond: 20,
    state: 'running',
    total: 9,
    opened: 5,
    skipped: 1,
    createdAt: isoAgo(10),
    finishedAt: isoAgo(9),
  },
  erasure: { id: 'era_1', state: 'running', scanned: 50, events: 2, deliveries: 3, cancelled: 1, createdAt: isoAgo(8) },
  entry: { ...storedDocuments.entry, at: isoAgo(30) },
  key: {
    kid: 'key-1',
    alg: 'ES256',
    use: 'current',
    createdAt: isoAgo(400),
    usableAt: isoAgo(385),
    currentSince: isoAgo(400),
    retiredAt: null,
  },
  token: {
    id: 'tok_1',
    description: 'wallboard',
    scopes: token.scopes,
    createdAt: isoAgo(800),
    createdBy: 'operator',
    expiresAt: isoIn(1),
    lastUsedAt: isoAgo(2),
    revokedAt: null,
  },
}
