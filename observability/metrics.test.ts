import { metrics } from '@opentelemetry/api'
import { DataPointType, MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics'
import test from 'ava'
import type { Attempt, Delivery } from '../src/domain/delivery.ts'
import { createMetrics, type DoorbellMetrics } from './metrics.ts'
import { observed } from './metrics/observed.ts'

class Reader extends MetricReader {
  protected override onForceFlush = () => Promise.resolve()
  protected override onShutdown = () => Promise.resolve()
}
const reader = new Reader({ metricProducers: [observed] })
metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }))
const counted = createMetrics()

type Series = Readonly<Record<string, number | readonly [count: number, sum: number]>>

const nameOf = (name: string, labels: object) =>
  [name, ...Object.entries(labels).map(([key, value]) => `${key}=${String(value)}`)].join(' ')

/** Every series now: a counter’s value, or a histogram’s count and sum. */
const seriesNow = async (): Promise<Series> => {
  const { resourceMetrics } = await reader.collect()
  const all = resourceMetrics.scopeMetrics.flatMap(({ metrics: inScope }) => inScope)
  return Object.fromEntries(
    all.flatMap(({ descriptor: { name }, dataPoints, dataPointType }) =>
      dataPoints.map(({ attributes, value }) => [
        nameOf(name, attributes),
        dataPointType === DataPointType.HISTOGRAM
          ? ([(value as { count: number }).count, (value as { sum?: number }).sum ?? 0] as const)
          : (value as number),
      ]),
    ),
  )
}

const exact = (value: number) => Math.round(value * 1_000) / 1_000

/** The series that grew, each by how much. */
const grownBy = (after: Series, before: Series): Series => {
  const grown: Record<string, Series[string]> = {}
  for (const [name, now] of Object.entries(after)) {
    const then = before[name]
    if (typeof now === 'number') {
      const by = exact(now - (typeof then === 'number' ? then : 0))
      if (by !== 0) grown[name] = by
    } else {
      const [count, sum] = typeof then === 'object' ? then : [0, 0]
      if (now[0] !== count) grown[name] = [now[0] - count, exact(now[1] - sum)]
    }
  }
  return grown
}

const delivery = (change: Partial<Delivery> = {}) =>
  ({ tenant: 'acme', subscriptionId: 'sub_1', createdAt: 10_000, attempts: [], ...change }) as unknown as Delivery
const attempt = (change: Partial<Attempt> = {}): Attempt => ({
  number: 1,
  at: 10_250,
  tookMs: 40,
  status: 204,
  url: '',
  traceId: '',
  spanId: '',
  ...change,
})

const messaging = (operation: string, destination: string) =>
  `messaging.system=nats messaging.operation.name=${operation} messaging.destination.name=${destination}`
const posts = 'http.client.request.duration http.request.method=POST webhook.outcome'
const attempts =
  'webhook.subscription.attempts webhook.tenant=acme webhook.subscription.id=sub_1 webhook.attempt.result'
const attemptTime = 'webhook.subscription.attempt.time webhook.tenant=acme webhook.subscription.id=sub_1'
const first = 'webhook.first_attempt.delay webhook.receiver.state'
const outcomes = 'webhook.delivery.outcomes webhook.delivery.status'
const delivered = { [`${posts}=delivered`]: [1, 0.04], [`${attempts}=delivered`]: 1, [attemptTime]: 0.04 } as const
const request = 'http.server.request.duration http.request.method'

/** What each verb counts, and nothing else. */
const cases: readonly [string, (count: DoorbellMetrics) => void, Series][] = [
  [
    'an answer of the API, by its route',
    ({ answered }) => answered({ method: 'GET', route: '/livez', status: 200 }, 1_500),
    { [`${request}=GET http.route=/livez http.response.status_code=200`]: [1, 1.5] },
  ],
  [
    'an answer to an unknown method at no route',
    ({ answered }) => answered({ method: 'BREW', route: null, status: 404 }, 20),
    { [`${request}=_OTHER http.route=unmatched http.response.status_code=404`]: [1, 0.02] },
  ],
  ...(['accepted', 'duplicate', 'failed'] as const).map((result): (typeof cases)[number] => [
    `an event whose publication was ${result}`,
    ({ sent }) => sent('acme', result, 30),
    {
      [`messaging.client.sent.messages ${messaging('send', 'visits.in')} webhook.publish.result=${result}`]: 1,
      [`messaging.client.operation.duration ${messaging('send', 'visits.in')}`]: [1, 0.03],
      [`webhook.tenant.events webhook.tenant=acme webhook.publish.result=${result}`]: 1,
    },
  ]),
  [
    'a message that was processed',
    ({ processed }) => processed('acknowledged', 60),
    { [`messaging.process.duration ${messaging('process', 'visits')} webhook.process.result=acknowledged`]: [1, 0.06] },
  ],
  [
    'a message that was kept aside',
    ({ processed }) => processed('kept_aside', 70),
    {
      [`messaging.process.duration ${messaging('process', 'visits')} webhook.process.result=kept_aside`]: [1, 0.07],
      'webhook.messages.aside': 1,
    },
  ],
  [
    'a first attempt at a healthy receiver',
    ({ attempted }) => attempted(delivery(), attempt(), true),
    { ...delivered, [`${first}=healthy`]: [1, 0.25] },
  ],
  [
    'a first attempt that waited for a place of ours',
    ({ attempted }) => attempted(delivery({ reason: 'over_capacity' }), attempt(), true),
    { ...delivered, [`${first}=healthy`]: [1, 0.25] },
  ],
  [
    'a first attempt after a pause',
    ({ attempted }) => attempted(delivery({ reason: 'paused' }), attempt(), true),
    { ...delivered, [`${first}=troubled`]: [1, 0.25] },
  ],
  [
    'a first attempt by a clock that is behind, at a troubled receiver',
    ({ attempted }) => attempted(delivery(), attempt({ at: 9_000 }), false),
    { ...delivered, [`${first}=troubled`]: [1, 0] },
  ],
  ['a second attempt', ({ attempted }) => attempted(delivery(), attempt({ number: 2 }), true), delivered],
  ['an attempt of a replay', ({ attempted }) => attempted(delivery({ kind: 'replay' }), attempt(), true), delivered],
  [
    'an attempt that failed',
    ({ attempted }) => attempted(delivery(), attempt({ number: 2, status: 500 }), true),
    { [`${posts}=server_error`]: [1, 0.04], [`${attempts}=failed`]: 1, [attemptTime]: 0.04 },
  ],
  [
    'an attempt at an address that is refused',
    ({ attempted }) => attempted(delivery(), attempt({ number: 2, error: 'refused_address' }), true),
    {
      [`${posts}=refused_address`]: [1, 0.04],
      'webhook.egress.refusals webhook.refused.at=delivery': 1,
      [`${attempts}=failed`]: 1,
      [attemptTime]: 0.04,
    },
  ],
  [
    'an attempt that failed by our own fault, which is not the subscription’s',
    ({ attempted }) => attempted(delivery(), attempt({ number: 2, error: 'own_fault' }), true),
    { [`${posts}=own_fault`]: [1, 0.04] },
  ],
  [
    'a delivered row',
    ({ settled }) => settled(delivery({ status: 'delivered', attempts: [attempt()] }), 9_000),
    { [`${outcomes}=delivered webhook.delivery.reason=none`]: 1, 'webhook.delivery.duration': [1, 9] },
  ],
  [
    'a row that waits for a retry',
    ({ settled }) => settled(delivery({ status: 'pending', attempts: [attempt(), attempt({ status: 429 })] }), 9_000),
    { [`${outcomes}=pending webhook.delivery.reason=none`]: 1, 'webhook.retries webhook.outcome=throttled': 1 },
  ],
  [
    'a row that waits for its first attempt',
    ({ settled }) => settled(delivery({ status: 'pending' }), 9_000),
    { [`${outcomes}=pending webhook.delivery.reason=none`]: 1 },
  ],
  [
    'a dead row',
    ({ settled }) => settled(delivery({ status: 'dead', reason: 'exhausted', attempts: [attempt()] }), 9_000),
    { [`${outcomes}=dead webhook.delivery.reason=exhausted`]: 1 },
  ],
  [
    'rows that ended without an attempt',
    ({ ended }) => {
      ended('cancelled', 'erased', 7)
      ended('dead', 'expired', 0)
    },
    { [`${outcomes}=cancelled webhook.delivery.reason=erased`]: 7 },
  ],
  [
    'a circuit',
    ({ circuitChanged }) => circuitChanged('open'),
    { 'webhook.circuit.changes webhook.circuit.state=open': 1 },
  ],
  ['a disabling', ({ disabled }) => disabled(), { 'webhook.subscription.disables': 1 }],
  [
    'a url that is refused',
    ({ urlRefused }) => urlRefused(),
    { 'webhook.egress.refusals webhook.refused.at=configuration': 1 },
  ],
  [
    'a command to MongoDB',
    ({ commanded }) => commanded('update', 12, ''),
    { 'db.client.operation.duration db.system.name=mongodb db.operation.name=update': [1, 0.012] },
  ],
  [
    'a command that MongoDB refused',
    ({ commanded }) => commanded('insert', 13, 'MongoServerError'),
    {
      'db.client.operation.duration db.system.name=mongodb db.operation.name=insert error.type=MongoServerError': [
        1, 0.013,
      ],
    },
  ],
  [
    'a batch of rows',
    ({ batchWritten }) => batchWritten('insert', 20, 5),
    {
      'webhook.ledger.batch.rows webhook.ledger.batch=insert': [1, 20],
      'webhook.ledger.batch.duration webhook.ledger.batch=insert': [1, 0.005],
    },
  ],
  [
    'what is erased',
    ({ retained }) => retained('erased', 3),
    { 'webhook.retention.removed webhook.retention.what=erased': 3 },
  ],
]

test.serial(
  'series that an alert reads exist before their first event, so that Prometheus sees it as an increase',
  async t => {
    const zero = Object.entries(await seriesNow()).filter(([, value]) => value === 0)
    t.deepEqual(zero.map(([name]) => name).toSorted(), [
      'webhook.delivery.outcomes webhook.delivery.status=dead webhook.delivery.reason=content_expired',
      'webhook.delivery.outcomes webhook.delivery.status=dead webhook.delivery.reason=exhausted',
      'webhook.delivery.outcomes webhook.delivery.status=dead webhook.delivery.reason=expired',
      'webhook.delivery.outcomes webhook.delivery.status=dead webhook.delivery.reason=redirected',
      'webhook.delivery.outcomes webhook.delivery.status=delivered webhook.delivery.reason=none',
      'webhook.delivery.outcomes webhook.delivery.status=pending webhook.delivery.reason=none',
      'webhook.messages.aside',
      'webhook.series.folded webhook.series.of=subscription',
      'webhook.series.folded webhook.series.of=tenant',
      'webhook.visits.flooded',
    ])
  },
)

test.serial('each verb counts once, with its labels, in its metrics’ units, and nothing else', async t => {
  for (const [what, count, expected] of cases) {
    const before = await seriesNow()
    count(counted)
    t.deepEqual(grownBy(await seriesNow(), before), expected, what)
  }
})

test.serial('the connections to MongoDB are read when metrics are collected', async t => {
  const before = await seriesNow()
  counted.poolIs(() => ({ idle: 5, used: 3, awaited: 2, max: 32 }))
  t.deepEqual(grownBy(await seriesNow(), before), {
    'db.client.connection.count db.client.connection.pool.name=doorbell db.client.connection.state=idle': 5,
    'db.client.connection.count db.client.connection.pool.name=doorbell db.client.connection.state=used': 3,
    'db.client.connection.max db.client.connection.pool.name=doorbell': 32,
    'db.client.connection.pending_requests db.client.connection.pool.name=doorbell': 2,
  })
})
