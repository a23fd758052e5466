import { burnRates, objectives } from '../../tools/dashboards/prometheus/objectives.ts'
import { checkIns, type Matchers, type MetricKey, series } from '../../tools/dashboards/prometheus/series.ts'

/** Series as promtool writes them, and whether the alert fires at a moment. */
export interface AlertCase {
  readonly alert: string
  /** For an alert with a rule for each window. */
  readonly window?: string
  readonly fires: boolean
  readonly why: string
  /** Step between values, e.g. `1m`. */
  readonly interval: string
  readonly input: Readonly<Record<string, string>>
  readonly at: string
}

type Values = readonly [metric: MetricKey, matchers: Matchers, values: string, part?: '_count' | '_bucket']

const inputOf = (values: readonly Values[]): Record<string, string> =>
  Object.fromEntries(values.map(([metric, matchers, text, part]) => [series(metric, matchers, part), text]))

interface Pair {
  readonly firing: readonly Values[]
  readonly calm: readonly Values[]
  readonly at: string
  readonly interval?: string
  readonly why: string
}

const pair = (alert: string, { firing, calm, at, interval = '1m', why }: Pair): AlertCase[] =>
  [firing, calm].map((values, index) => ({
    alert,
    fires: index === 0,
    why,
    interval,
    input: inputOf(values),
    at,
  }))

/** Steady values, and values that grow by so much with each step. */
const steady = (value: number, steps = 120) => `${value}x${steps}`
const growing = (by: number, steps = 120) => `0+${by}x${steps}`

const post = { ...checkIns, httpRoute: '/v1/tenants/{tenant}/events' }
const healthy = { receiverState: 'healthy' }

const refused = (good: string, bad: string): Values[] => [
  ['requestDuration', { ...post, httpStatus: '202' }, good, '_count'],
  ['requestDuration', { ...post, httpStatus: '503' }, bad, '_count'],
  ['requestDuration', { ...post, httpStatus: '422' }, good, '_count'],
]
const late = (all: string, inTime: string): Values[] => [
  ['firstAttemptDelay', healthy, all, '_count'],
  ['firstAttemptDelay', { ...healthy, le: '1' }, inTime, '_bucket'],
  ['firstAttemptDelay', { receiverState: 'troubled' }, all, '_count'],
  ['firstAttemptDelay', { receiverState: 'troubled', le: '1' }, '0x2000', '_bucket'],
]

/** 10,000 events per step. The bad share is just above or just below the limit of the window. */
const burnCases = objectives.flatMap(({ alert, target }) =>
  burnRates.flatMap(({ factor, long }): AlertCase[] => {
    const [interval, steps] = ({ '1h': ['1m', 70], '6h': ['5m', 80], '1d': ['10m', 450], '3d': ['10m', 450] } as const)[
      long
    ]
    const at = { '1h': '65m', '6h': '370m', '1d': '25h', '3d': '73h' }[long]
    const values = (share: number) => {
      const bad = Math.round(share * 10_000)
      return alert === 'CheckInsRefused'
        ? refused(growing(10_000 - bad, steps), growing(bad, steps))
        : late(growing(10_000, steps), growing(10_000 - bad, steps))
    }
    const limit = factor * (1 - target)
    const base = { alert, window: long, interval, at }
    return [
      { ...base, fires: true, why: 'the budget burns faster than that', input: inputOf(values(limit * 1.2)) },
      { ...base, fires: false, why: 'it burns slower', input: inputOf(values(limit * 0.8)) },
    ]
  }),
)

const over: AlertCase = {
  alert: 'CheckInsRefused',
  window: '1h',
  fires: false,
  why: 'the failures have ended',
  interval: '1m',
  input: inputOf(refused('0+9000x40 360000+10000x60', '0+1000x40 40000x60')),
  at: '60m',
}
const noTraffic: AlertCase = {
  alert: 'CheckInsRefused',
  window: '1h',
  fires: false,
  why: 'there is no traffic',
  interval: '1m',
  input: inputOf(refused('5x120', '5x120')),
  at: '90m',
}

const up = (value: string) => ({ 'up{job="doorbell",instance="a:9464"}': value })
const gone: readonly AlertCase[] = [
  { alert: 'ProcessGone', fires: true, why: 'it is down', interval: '1m', input: up('1x5 0x10'), at: '10m' },
  { alert: 'ProcessGone', fires: true, why: 'there is none', interval: '1m', input: { other: '1x10' }, at: '10m' },
  {
    alert: 'ProcessGone',
    fires: false,
    why: 'it was away for a minute',
    interval: '1m',
    input: up('1x5 0 1x10'),
    at: '10m',
  },
]

const hour = 3_600
const day = 24 * hour

export const alertCases: readonly AlertCase[] = [
  ...burnCases,
  over,
  noTraffic,
  ...gone,
  ...pair('PromiseBroken', {
    why: 'one process finds an index that it cannot restore',
    firing: [
      ['brokenRequirements', { dependency: 'nats', requirement: 'stream' }, steady(0)],
      ['brokenRequirements', { dependency: 'mongodb', requirement: 'indexes' }, steady(1)],
    ],
    calm: [['brokenRequirements', { dependency: 'nats', requirement: 'stream' }, '0x5 1 0x120']],
    at: '10m',
  }),
  ...pair('EventsWaitForUs', {
    why: 'no worker works on a message of the stream',
    firing: [
      ['consumerAge', { partition: '3' }, growing(60)],
      ['backlogAge', { fault: 'own' }, steady(0)],
    ],
    calm: [
      ['consumerAge', { partition: '3' }, steady(20)],
      ['backlogAge', { fault: 'own' }, steady(100)],
      ['backlogAge', { fault: 'receiver' }, steady(day * 2)],
    ],
    at: '10m',
  }),
  ...pair('EventsWaitForUs', {
    why: 'attempts for a row fail on our side',
    firing: [['backlogAge', { fault: 'own' }, steady(700)]],
    calm: [['backlogAge', { fault: 'customer' }, steady(day * 9)]],
    at: '10m',
  }),
  ...pair('EventsWaitForReceivers', {
    why: 'a receiver is down for more than a day',
    firing: [['backlogAge', { fault: 'receiver' }, steady(day + 60)]],
    calm: [['backlogAge', { fault: 'receiver' }, steady(day / 2)]],
    at: '30m',
  }),
  ...pair('PartitionsWithoutOwner', {
    why: 'a worker died and no other takes its partitions',
    firing: [
      ['partitionsOwned', { instance: 'a' }, steady(8)],
      ['partitionsOwned', { instance: 'b' }, '8x5 0x20'],
      ['partitions', {}, steady(16)],
    ],
    calm: [
      ['partitionsOwned', { instance: 'a' }, steady(8)],
      ['partitionsOwned', { instance: 'b' }, '8x5 7 8x20'],
      ['partitions', {}, steady(16)],
    ],
    at: '10m',
  }),
  ...pair('ServerUnreachable', {
    why: 'one process cannot reach NATS',
    firing: [
      ['dependencyUp', { dependency: 'nats', instance: 'a' }, '1x5 0x10'],
      ['dependencyUp', { dependency: 'nats', instance: 'b' }, steady(1)],
    ],
    calm: [['dependencyUp', { dependency: 'nats', instance: 'a' }, steady(1)]],
    at: '10m',
  }),
  ...pair('PartitionsWithoutOwner', {
    why: 'no worker runs, and only the metrics of the API are read',
    firing: [['brokenRequirements', { dependency: 'fleet', requirement: 'workers' }, steady(1)]],
    calm: [['brokenRequirements', { dependency: 'fleet', requirement: 'workers' }, '0x5 1 0x120']],
    at: '10m',
  }),
  ...[
    { alert: 'EventsWaitForUs', values: [['consumerAge', { partition: '3' }, growing(60)]] as const },
    {
      alert: 'PartitionsWithoutOwner',
      values: [
        ['partitionsOwned', { instance: 'a' }, '16x2 0x60'],
        ['partitions', {}, steady(16)],
      ] as const,
    },
  ].map(({ alert, values }) => ({
    alert,
    fires: false,
    why: 'ServerUnreachable is firing, which explains it',
    interval: '1m',
    input: inputOf([...values, ['dependencyUp', { dependency: 'nats', instance: 'a' }, '1x1 0x60']]),
    at: '20m',
  })),
  ...pair('EventsWaitForUs', {
    why: 'the server is back and the events are still there',
    firing: [
      ['consumerAge', { partition: '3' }, growing(60)],
      ['dependencyUp', { dependency: 'nats', instance: 'a' }, '1x1 0x10 1x60'],
    ],
    calm: [
      ['consumerAge', { partition: '3' }, '0+60x12 0x60'],
      ['dependencyUp', { dependency: 'nats', instance: 'a' }, '1x1 0x10 1x60'],
    ],
    at: '20m',
  }),
  ...pair('OwnFaultsOnAttempts', {
    why: 'a tenth of the attempts fails on our side',
    firing: [
      ['attemptDuration', { outcome: 'own_fault' }, growing(10), '_count'],
      ['attemptDuration', { outcome: 'delivered' }, growing(90), '_count'],
    ],
    calm: [
      ['attemptDuration', { outcome: 'own_fault' }, growing(1), '_count'],
      ['attemptDuration', { outcome: 'timeout' }, growing(60), '_count'],
      ['attemptDuration', { outcome: 'delivered' }, growing(39), '_count'],
    ],
    at: '20m',
  }),
  ...pair('CircuitsOpen', {
    why: 'a third of all circuits is open',
    firing: [
      // A circuit that is half-open now and then has not recovered.
      ['circuits', { circuitState: 'open' }, '_ 40 10 40 10 40 10 40 10 40 10 40 10 40 10 40 10 40x20'],
      ['circuits', { circuitState: 'half-open' }, '_ 0 30 0 30 0 30 0 30 0 30 0 30 0 30 0 30 0x20'],
      ['circuits', { circuitState: 'closed' }, steady(80)],
    ],
    calm: [
      // One of two is no sign of a common cause.
      ['circuits', { circuitState: 'open' }, steady(1)],
      ['circuits', { circuitState: 'half-open' }, steady(0)],
      ['circuits', { circuitState: 'closed' }, steady(1)],
    ],
    at: '20m',
  }),
  ...pair('DeadLetters', {
    why: 'a policy was exhausted',
    firing: [['deliveryOutcomes', { deliveryStatus: 'dead', deliveryReason: 'exhausted' }, '0x5 1x20']],
    calm: [
      ['deliveryOutcomes', { deliveryStatus: 'dead', deliveryReason: 'exhausted' }, '3x25'],
      ['deliveryOutcomes', { deliveryStatus: 'dead', deliveryReason: 'expired' }, growing(1)],
    ],
    at: '20m',
  }),
  ...pair('MessagesKeptAside', {
    why: 'a publisher wrote an invalid event',
    firing: [['keptAside', {}, '0x5 1x20']],
    calm: [['keptAside', {}, '4x25']],
    at: '20m',
  }),
  ...pair('VisitFlooded', {
    why: 'a receiver publishes an event for each webhook',
    firing: [['visitsFlooded', {}, '0x5 1x20']],
    calm: [['visitsFlooded', {}, '2x25']],
    at: '20m',
  }),
  ...pair('EventLoopLate', {
    why: 'a process is overloaded for minutes',
    firing: [['eventLoopDelay', { quantile: 'p99', instance: 'a' }, steady(0.4)]],
    calm: [
      ['eventLoopDelay', { quantile: 'p99', instance: 'a' }, '0.4x3 0.02x20'],
      ['eventLoopDelay', { quantile: 'max', instance: 'a' }, steady(0.9)],
    ],
    at: '15m',
  }),
  ...pair('AttemptsAtTheirLimit', {
    why: 'hundreds of attempts hang in a process with few descriptors',
    firing: [
      ['inFlight', { instance: 'a' }, steady(450)],
      ['attemptLimit', { instance: 'a' }, steady(512)],
    ],
    calm: [
      ['inFlight', { instance: 'a' }, steady(400)],
      ['attemptLimit', { instance: 'a' }, steady(512)],
      ['inFlight', { instance: 'b' }, steady(450)],
      ['attemptLimit', { instance: 'b' }, steady(16_384)],
    ],
    at: '15m',
  }),
  ...pair('DescriptorsRunOut', {
    why: 'connections of API clients or of attempts pile up in one process',
    firing: [
      ['openDescriptors', { instance: 'a' }, steady(800)],
      ['descriptorLimit', { instance: 'a' }, steady(1_024)],
    ],
    calm: [
      ['openDescriptors', { instance: 'a' }, steady(700)],
      ['descriptorLimit', { instance: 'a' }, steady(1_024)],
      ['openDescriptors', { instance: 'b' }, steady(800)],
      ['descriptorLimit', { instance: 'b' }, steady(65_536)],
    ],
    at: '15m',
  }),
  ...pair('KeyRotationOverdue', {
    why: 'a key signs two days longer than configured',
    firing: [
      ['signingKeyAge', {}, steady(92 * day)],
      ['signingKeyLifetime', {}, steady(90 * day)],
    ],
    // Keys that are rotated only by command have no lifetime.
    calm: [['signingKeyAge', {}, steady(900 * day)]],
    at: '20m',
  }),
  ...pair('TelemetryExportFails', {
    why: 'the collector is down',
    firing: [
      ['exports', { signal: 'traces', exportResult: 'failed' }, growing(3)],
      ['exports', { signal: 'traces', exportResult: 'sent' }, steady(100)],
    ],
    calm: [
      ['exports', { signal: 'traces', exportResult: 'failed' }, growing(1)],
      ['exports', { signal: 'traces', exportResult: 'sent' }, growing(3)],
    ],
    at: '40m',
  }),
  ...pair('DirectoryStale', {
    why: 'a process that hears of no changes',
    firing: [['directoryAge', {}, steady(60)]],
    calm: [['directoryAge', {}, steady(2)]],
    at: '10m',
  }),
  ...pair('RetentionStuck', {
    why: 'four hours without a complete round',
    firing: [['retentionAge', {}, steady(4 * hour)]],
    calm: [['retentionAge', {}, steady(hour)]],
    at: '20m',
  }),
  ...pair('ErasureStuck', {
    why: 'an erasure from this morning is unfinished',
    firing: [['erasureAge', {}, steady(7 * hour)]],
    calm: [['erasureAge', {}, steady(60)]],
    at: '20m',
  }),
]
