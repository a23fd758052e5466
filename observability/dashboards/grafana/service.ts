import { objectives, oldest, recordOf } from '../prometheus/objectives.ts'
import { checkIns, label, series } from '../prometheus/series.ts'
import { dashboard, type Row, typed } from './dashboard.ts'
import { toMongodb, toNats, toSubscription } from './links.ts'
import { figure, heat, traces, trend } from './panels.ts'
import { buckets, highest, named, perSecond, quantile, recorded, total } from './queries.ts'

/** What is left of four weeks' budget; below 0 the objective is missed. */
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
      { title: 'Alerts', about: 'Alerts that speak now', unit: 'short', width: 3 },
      'count(ALERTS{alertstate="firing"}) or vector(0)',
      { amber: 1, red: 2 },
    ),
    figure(
      {
        title: 'Oldest that waits for us',
        about: 'Age of the oldest event that is not delivered and that only we can move. Red: it is us.',
        unit: 's',
        width: 3,
      },
      oldest.own,
      { amber: 30, red: 120 },
    ),
    figure(
      {
        title: 'Oldest that waits for a receiver',
        about: 'Age of the oldest event that its receiver does not take. It is retried; its owner was told.',
        unit: 's',
        width: 3,
      },
      oldest.receiver,
      { amber: 6 * 3_600, red: 24 * 3_600 },
    ),
    figure(
      {
        title: 'Own faults',
        about: 'Share of attempts that failed for a reason of our own: resolver, sockets, keys',
        unit: 'percentunit',
        width: 3,
      },
      `(${recorded('attemptDuration', { outcome: 'own_fault' })} or vector(0)) / (${recorded('attemptDuration')} > 0)`,
      { amber: 0.001, red: 0.05 },
    ),
    figure(
      {
        title: 'Circuits open',
        about: 'Subscriptions whose receiver is given a rest, or is being tried again',
        unit: 'short',
        width: 3,
      },
      `sum(${highest('circuits', { circuitState: '!closed' }, ['circuitState'])})`,
      { amber: 1, red: 5 },
    ),
    figure(
      {
        title: 'Partitions without an owner',
        about: 'Their tenants get nothing until a worker takes them',
        unit: 'short',
        width: 3,
      },
      `${highest('partitions')} - ${total('partitionsOwned')}`,
      { amber: 1, red: 1 },
    ),
    figure(
      { title: 'NATS', about: 'Whether every process reaches it', unit: 'short', width: 3 },
      `min(${series('dependencyUp', { dependency: 'nats' })})`,
      { amber: 1, red: 0.5 },
    ),
    figure(
      { title: 'MongoDB', about: 'Whether every process reaches it', unit: 'short', width: 3 },
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
        about: 'Of the 0.1 % in four weeks. 4xx does not count: that is the publisher’s.',
        unit: 'percentunit',
        width: 6,
      },
      budgetLeft(0),
      { amber: 0.5, red: 0 },
    ),
    figure(
      {
        title: 'First attempts within 1 s: budget left',
        about: 'Of the 5 % in four weeks, where the receiver was healthy',
        unit: 'percentunit',
        width: 6,
      },
      budgetLeft(1),
      { amber: 0.5, red: 0 },
    ),
    trend(
      {
        title: 'Budget burned, as a multiple of what lasts four weeks',
        about: 'Pages at 14.4 over an hour and 6 over six hours; tickets at 3 over a day and 1 over three days',
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
        about: 'One event makes a delivery for each subscription that matches',
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
        title: 'What came of attempts',
        about: 'The class of each attempt’s outcome; actors/README.md has the table',
        unit: 'eps',
        width: 8,
        stacked: true,
      },
      { [named('outcome')]: recorded('attemptDuration', {}, ['outcome']) },
    ),
    trend(
      {
        title: 'Check-ins by answer',
        about: '202, and what was answered instead',
        unit: 'eps',
        width: 8,
        stacked: true,
      },
      { [named('httpStatus')]: recorded('requestDuration', checkIns, ['httpStatus']) },
    ),
    trend(
      {
        title: 'Subscriptions whose attempts fail most',
        about: 'The ten with the most failed attempts a second; click for one',
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
        title: 'Given up, kept aside, disabled, refused',
        about:
          'Within an hour: dead rows by reason, messages that were no event, subscriptions disabled, addresses refused',
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
  title: 'What waits',
  panels: [
    trend(
      {
        title: 'Rows that wait, by reason',
        about: '“none”: for its next attempt after one that failed',
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
      { title: 'Oldest that waits, by whose account', about: 'Own: only we can move it', unit: 's', width: 8 },
      { [named('fault')]: highest('backlogAge', {}, ['fault']), 'in no row yet': `max(${series('consumerAge')})` },
    ),
    trend(
      {
        title: 'In hand',
        about: 'What the workers hold in memory; bounded, and a full mailbox pushes back',
        unit: 'short',
        width: 8,
        link: toNats,
      },
      {
        'attempts under way': total('inFlight'),
        'waiting for a slot': total('waitingInMemory'),
        'messages not acknowledged': total('openMessages'),
        'in mailboxes': total('mailboxDepth'),
      },
    ),
  ],
}

const latency: Row = {
  title: 'How long it takes',
  panels: [
    heat(
      {
        title: 'From event to 2xx',
        about: 'How many deliveries took how long. A second band far up is retries, or a receiver that came back.',
        unit: 's',
        width: 12,
      },
      buckets('deliveryDuration'),
    ),
    trend(
      {
        title: 'Where the time goes, 99 %',
        about:
          'Of each step of a check-in: the API’s answer, the stream’s acknowledgement, the first attempt’s beginning, the POST, the row',
        unit: 's',
        width: 12,
        link: toMongodb,
      },
      {
        'API answers': quantile(0.99, 'requestDuration', { ...checkIns, httpStatus: '202' }),
        'stream acknowledges': quantile(0.99, 'publishDuration'),
        'first attempt begins, healthy': quantile(0.99, 'firstAttemptDelay', { receiverState: 'healthy' }),
        'receiver answers': quantile(0.99, 'attemptDuration'),
        'row is durable': quantile(0.99, 'batchDuration'),
      },
    ),
    traces(
      { title: 'Attempts that failed', about: 'In Jaeger: a trace is one check-in, from its POST to here', width: 24 },
      'error=true',
    ),
  ],
}

const resources: Row = {
  title: 'Processes',
  panels: [
    trend(
      { title: 'Processor', about: 'Cores in use', unit: 'short', width: 6 },
      { '{{instance}}': perSecond('cpu', {}, ['instance']) },
    ),
    trend(
      {
        title: 'Event loop late, 99 %',
        about: 'Above 250 ms for minutes a process has too much to do',
        unit: 's',
        width: 6,
      },
      { '{{instance}}': highest('eventLoopDelay', { quantile: 'p99' }, ['instance']) },
    ),
    trend(
      { title: 'Memory', about: 'Resident, and of that the heap', unit: 'bytes', width: 6 },
      {
        [`{{instance}} ${named('memoryKind')}`]: highest('memory', { memoryKind: '~rss|heap_used' }, [
          'instance',
          'memoryKind',
        ]),
      },
    ),
    trend(
      { title: 'Partitions and supervisors', about: 'Who works on what', unit: 'short', width: 6 },
      {
        'partitions {{instance}}': total('partitionsOwned', {}, ['instance']),
        'supervisors {{instance}}': total('supervisors', {}, ['instance']),
      },
    ),
    trend(
      { title: 'Event loop busy', about: 'Share of the time that it worked', unit: 'percentunit', width: 6 },
      { '{{instance}}': highest('eventLoopUtilization', {}, ['instance']) },
    ),
    trend(
      { title: 'Telemetry that was not taken', about: 'Exports to the collector that failed', unit: 'eps', width: 6 },
      { [named('signal')]: perSecond('exports', { exportResult: 'failed' }, ['signal']) },
    ),
    trend(
      { title: 'Signing key', about: 'How long it has signed, and how long it may', unit: 's', width: 6 },
      { age: highest('signingKeyAge'), lifetime: highest('signingKeyLifetime') },
    ),
    trend(
      {
        title: 'Retention and erasure',
        about: 'Since the last round; the oldest erasure that is not done',
        unit: 's',
        width: 6,
      },
      { 'retention {{instance}}': highest('retentionAge', {}, ['instance']), erasure: highest('erasureAge') },
    ),
  ],
}

/** Where somebody on call begins. */
export const serviceDashboard = dashboard({
  uid: 'doorbell-service',
  title: 'Doorbell: the service',
  about: 'Where somebody on call begins: is it us or the receivers, the objectives, then the way of a check-in.',
  variables: [typed('service', 'Service in Jaeger', 'doorbell-worker')],
  rows: [usOrThem, budgets, flow, backlog, latency, resources],
})
