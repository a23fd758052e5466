import { objectives, oldest, recordOf } from '../prometheus/objectives.ts'
import { checkIns, label, series } from '../prometheus/series.ts'
import { dashboard, type Row, typed } from './dashboard.ts'
import { toMongodb, toNats, toSubscription } from './links.ts'
import { figure, heat, traces, trend } from './panels.ts'
import { buckets, highest, named, perSecond, quantile, recorded, total } from './queries.ts'

/** The share of four weeks’ error budget that is left; below 0 the objective is missed. */
const budgetLeft = (index: number): string => {
  const objective = objectives[index]
  if (objective === undefined) throw new Error('no such objective')
  return `1 - avg_over_time(${recordOf(objective, '5m')}[28d]) / ${Number((1 - objective.target).toFixed(6))}`
}

const burning = (window: string) =>
  Object.fromEntries(
    objectives.map(objective => [
      `${objective.name.replaceAll('_', ' ')}, ${window}`,
      `${recordOf(objective, window)} / ${Number((1 - objective.target).toFixed(6))}`,
    ]),
  )

const usOrThem: Row = {
  title: 'Is it us, or the receivers?',
  panels: [
    figure(
      { title: 'Alerts', about: 'Alerts that are firing now', unit: 'short', width: 3 },
      'count(ALERTS{alertstate="firing"}) or vector(0)',
      { amber: 1, red: 2 },
    ),
    figure(
      {
        title: 'Oldest event waiting for us',
        about: 'Age of the oldest undelivered event that only Doorbell can move. Red: the problem is ours.',
        unit: 's',
        width: 3,
      },
      oldest.own,
      { amber: 30, red: 120 },
    ),
    figure(
      {
        title: 'Oldest event waiting for a receiver',
        about:
          'Age of the oldest event that its receiver has not accepted. Doorbell retries it and has notified the owner.',
        unit: 's',
        width: 3,
      },
      oldest.receiver,
      { amber: 6 * 3_600, red: 24 * 3_600 },
    ),
    figure(
      {
        title: 'Own faults',
        about: 'Share of attempts that failed on our side: resolver, sockets, keys',
        unit: 'percentunit',
        width: 3,
      },
      `(${recorded('attemptDuration', { outcome: 'own_fault' })} or vector(0)) / (${recorded('attemptDuration')} > 0)`,
      { amber: 0.001, red: 0.05 },
    ),
    figure(
      {
        title: 'Circuits open',
        about: 'Subscriptions with an open or half-open circuit: their receiver failed, and only probes go there',
        unit: 'short',
        width: 3,
      },
      `sum(${highest('circuits', { circuitState: '!closed' }, ['circuitState'])})`,
      { amber: 1, red: 5 },
    ),
    figure(
      {
        title: 'Partitions without an owner',
        about: 'Tenants in these partitions get no events until a worker takes them over',
        unit: 'short',
        width: 3,
      },
      `${highest('partitions')} - ${total('partitionsOwned')}`,
      { amber: 1, red: 1 },
    ),
    figure(
      { title: 'NATS', about: '1 when every process can reach it', unit: 'short', width: 3 },
      `min(${series('dependencyUp', { dependency: 'nats' })})`,
      { amber: 1, red: 0.5 },
    ),
    figure(
      { title: 'MongoDB', about: '1 when every process can reach it', unit: 'short', width: 3 },
      `min(${series('dependencyUp', { dependency: 'mongodb' })})`,
      { amber: 1, red: 0.5 },
    ),
  ],
}

const budgets: Row = {
  title: 'Objectives',
  panels: [
    figure(
      {
        title: 'Check-ins answered 202: budget left',
        about:
          'Share of the 0.1 % error budget of four weeks that is left. 4xx answers do not count: they are the publisher’s errors.',
        unit: 'percentunit',
        width: 6,
      },
      budgetLeft(0),
      { amber: 0.5, red: 0 },
    ),
    figure(
      {
        title: 'First attempts within 1 s: budget left',
        about: 'Share of the 5 % error budget of four weeks that is left. Only healthy receivers count.',
        unit: 'percentunit',
        width: 6,
      },
      budgetLeft(1),
      { amber: 0.5, red: 0 },
    ),
    trend(
      {
        title: 'Burn rate: 1 spends the budget in exactly four weeks',
        about: 'Pages at 14.4 over an hour or 6 over six hours. Tickets at 3 over a day or 1 over three days.',
        unit: 'short',
        width: 12,
      },
      { ...burning('1h'), ...burning('6h') },
    ),
  ],
}

const flow: Row = {
  title: 'Accepted, attempted, delivered',
  panels: [
    trend(
      {
        title: 'Events and deliveries',
        about: 'One event makes one delivery for each matching subscription',
        unit: 'eps',
        width: 8,
      },
      {
        accepted: perSecond('sentMessages', { publishResult: 'accepted' }),
        acknowledged: recorded('processDuration', { processResult: 'acknowledged' }),
        attempts: recorded('attemptDuration'),
        delivered: perSecond('deliveryOutcomes', { deliveryStatus: 'delivered' }),
      },
    ),
    trend(
      {
        title: 'Attempts by outcome',
        about: 'The class of each attempt’s outcome; actors/README.md explains them',
        unit: 'eps',
        width: 8,
        stacked: true,
      },
      { [named('outcome')]: recorded('attemptDuration', {}, ['outcome']) },
    ),
    trend(
      {
        title: 'Check-ins by answer',
        about: 'By HTTP status',
        unit: 'eps',
        width: 8,
        stacked: true,
      },
      { [named('httpStatus')]: recorded('requestDuration', checkIns, ['httpStatus']) },
    ),
    trend(
      {
        title: 'Subscriptions with the most failed attempts',
        about:
          'The ten with the most failed attempts per second. Click one to open its dashboard. `_OTHER` stands for the subscriptions without series of their own.',
        unit: 'eps',
        width: 12,
        link: toSubscription,
      },
      {
        [`${named('tenant')} ${named('subscription')}`]: `topk(10, ${perSecond('subscriptionAttempts', { attemptResult: 'failed' }, ['tenant', 'subscription'])} > 0)`,
      },
    ),
    trend(
      {
        title: 'Dead, kept aside, disabled, refused',
        about:
          'Per hour: dead rows by reason, messages that are not valid events, disabled subscriptions, refused addresses',
        unit: 'short',
        width: 12,
      },
      {
        [`dead: ${named('deliveryReason')}`]: `sum by (${label('deliveryReason')}) (increase(${series('deliveryOutcomes', { deliveryStatus: 'dead' })}[1h]))`,
        'kept aside': `sum(increase(${series('keptAside')}[1h]))`,
        disabled: `sum(increase(${series('disables')}[1h]))`,
        refused: `sum(increase(${series('refusals')}[1h]))`,
      },
    ),
  ],
}

const backlog: Row = {
  title: 'Backlog',
  panels: [
    trend(
      {
        title: 'Waiting rows by reason',
        about: '“none” waits for its next attempt after a failed one',
        unit: 'short',
        width: 8,
        stacked: true,
      },
      {
        [`${named('deliveryStatus')} ${named('deliveryReason')}`]: highest('backlogRows', {}, [
          'deliveryStatus',
          'deliveryReason',
        ]),
      },
    ),
    trend(
      { title: 'Oldest waiting event by cause', about: 'Own: only Doorbell can move it', unit: 's', width: 8 },
      { [named('fault')]: highest('backlogAge', {}, ['fault']), 'in the stream': `max(${series('consumerAge')})` },
    ),
    trend(
      {
        title: 'In memory',
        about: 'What the workers hold in memory. It is bounded: a full mailbox slows the stream down.',
        unit: 'short',
        width: 8,
        link: toNats,
      },
      {
        'attempts in flight': total('inFlight'),
        'limit of attempts': total('attemptLimit'),
        'waiting for a slot': total('waitingInMemory'),
        'unacknowledged messages': total('openMessages'),
        'in mailboxes': total('mailboxDepth'),
      },
    ),
  ],
}

const latency: Row = {
  title: 'Latency',
  panels: [
    heat(
      {
        title: 'From event to 2xx',
        about: 'How many deliveries took how long. A second band far up shows retries, or a receiver that recovered.',
        unit: 's',
        width: 12,
      },
      buckets('deliveryDuration'),
    ),
    trend(
      {
        title: 'Latency by step, 99th percentile',
        about:
          'The steps of a check-in: API answer, acknowledgement by the stream, start of the first attempt, POST, row',
        unit: 's',
        width: 12,
        link: toMongodb,
      },
      {
        'API answers': quantile(0.99, 'requestDuration', { ...checkIns, httpStatus: '202' }),
        'stream acknowledges': quantile(0.99, 'publishDuration'),
        'first attempt starts, healthy': quantile(0.99, 'firstAttemptDelay', { receiverState: 'healthy' }),
        'receiver answers': quantile(0.99, 'attemptDuration'),
        'row is durable': quantile(0.99, 'batchDuration'),
      },
    ),
    traces(
      {
        title: 'Failed attempts',
        about: 'From Jaeger. A trace is one check-in, from its POST to the receiver’s answer.',
        width: 24,
      },
      'error=true',
    ),
  ],
}

const resources: Row = {
  title: 'Processes',
  panels: [
    trend(
      { title: 'CPU', about: 'Cores in use', unit: 'short', width: 6 },
      { '{{instance}}': perSecond('cpu', {}, ['instance']) },
    ),
    trend(
      {
        title: 'Event loop delay, 99th percentile',
        about: 'A process that stays above 250 ms is overloaded',
        unit: 's',
        width: 6,
      },
      { '{{instance}}': highest('eventLoopDelay', { quantile: 'p99' }, ['instance']) },
    ),
    trend(
      { title: 'Memory', about: 'Resident memory and used heap', unit: 'bytes', width: 6 },
      {
        [`{{instance}} ${named('memoryKind')}`]: highest('memory', { memoryKind: '~rss|heap_used' }, [
          'instance',
          'memoryKind',
        ]),
      },
    ),
    trend(
      { title: 'File descriptors', about: 'Open ones, and the limit', unit: 'short', width: 6 },
      {
        '{{instance}} open': highest('openDescriptors', {}, ['instance']),
        '{{instance}} limit': highest('descriptorLimit', {}, ['instance']),
      },
    ),
    trend(
      {
        title: 'Partitions and supervisors',
        about: 'How the work is spread over the workers',
        unit: 'short',
        width: 6,
      },
      {
        'partitions {{instance}}': total('partitionsOwned', {}, ['instance']),
        'supervisors {{instance}}': total('supervisors', {}, ['instance']),
      },
    ),
    trend(
      { title: 'Event loop utilization', about: 'Share of the time that it was busy', unit: 'percentunit', width: 6 },
      { '{{instance}}': highest('eventLoopUtilization', {}, ['instance']) },
    ),
    trend(
      { title: 'Failed telemetry exports', about: 'Exports that the collector did not accept', unit: 'eps', width: 6 },
      { [named('signal')]: perSecond('exports', { exportResult: 'failed' }, ['signal']) },
    ),
    trend(
      { title: 'Signing key', about: 'Age of the current key, and how long a key signs', unit: 's', width: 6 },
      { age: highest('signingKeyAge'), lifetime: highest('signingKeyLifetime') },
    ),
    trend(
      {
        title: 'Retention and erasure',
        about: 'Time since the last complete round of retention, and age of the oldest unfinished erasure',
        unit: 's',
        width: 6,
      },
      { 'retention {{instance}}': highest('retentionAge', {}, ['instance']), erasure: highest('erasureAge') },
    ),
  ],
}

/** The start page for the engineer on call. */
export const serviceDashboard = dashboard({
  uid: 'doorbell-service',
  title: 'Doorbell: the service',
  about: 'Start here when you are on call: is it us or the receivers, the objectives, then each step of a check-in.',
  variables: [typed('service', 'Service in Jaeger', 'doorbell-worker')],
  rows: [usOrThem, budgets, flow, backlog, latency, resources],
})
