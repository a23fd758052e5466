import { series } from '../prometheus/series.ts'
import { dashboard } from './dashboard.ts'
import { figure, trend } from './panels.ts'
import { highest, named, perSecond, quantile, total } from './queries.ts'

/** NATS as Doorbell sees it: the stream of events and the progress of its partitions. */
export const natsDashboard = dashboard({
  uid: 'doorbell-nats',
  title: 'Doorbell: NATS',
  about: 'The stream VISITS and its consumers. There is one consumer for each partition, and its owner reports it.',
  rows: [
    {
      title: 'Reachability and backlog',
      panels: [
        figure(
          { title: 'Reachable', about: '1 when every process can reach NATS', unit: 'short', width: 6 },
          `min(${series('dependencyUp', { dependency: 'nats' })})`,
          { amber: 1, red: 0.5 },
        ),
        figure(
          { title: 'Oldest unacknowledged message', about: 'Its rows are not durable yet', unit: 's', width: 6 },
          highest('consumerAge'),
          { amber: 30, red: 120 },
        ),
        figure(
          {
            title: 'Pending',
            about: 'Messages of all partitions that no worker has received yet',
            unit: 'short',
            width: 6,
          },
          total('consumerPending'),
          { amber: 10_000, red: 100_000 },
        ),
        figure(
          {
            title: 'Redelivered',
            about: 'Messages that were delivered to a worker again, after a crash or a takeover',
            unit: 'short',
            width: 6,
          },
          total('consumerRedelivered'),
          { amber: 100, red: 1_000 },
        ),
      ],
    },
    {
      title: 'Publishing',
      panels: [
        trend(
          {
            title: 'Publications by result',
            about: 'A failed publication was answered with 503',
            unit: 'eps',
            width: 12,
            stacked: true,
          },
          { [named('publishResult')]: perSecond('sentMessages', {}, ['publishResult']) },
        ),
        trend(
          {
            title: 'Time to acknowledgement',
            about: 'With DOORBELL_SYNC=always this is the disk',
            unit: 's',
            width: 12,
          },
          { '50 %': quantile(0.5, 'publishDuration'), '99 %': quantile(0.99, 'publishDuration') },
        ),
      ],
    },
    {
      title: 'Partitions',
      panels: [
        trend(
          {
            title: 'Pending',
            about: 'By partition. A single high line is one busy tenant.',
            unit: 'short',
            width: 8,
          },
          { [named('partition')]: highest('consumerPending', {}, ['partition']) },
        ),
        trend(
          { title: 'Unacknowledged', about: 'By partition, at most 512', unit: 'short', width: 8 },
          { [named('partition')]: highest('consumerAckPending', {}, ['partition']) },
        ),
        trend(
          { title: 'Oldest unacknowledged message', about: 'By partition', unit: 's', width: 8 },
          { [named('partition')]: highest('consumerAge', {}, ['partition']) },
        ),
      ],
    },
    {
      title: 'Stream',
      panels: [
        trend(
          {
            title: 'Messages',
            about: 'Retention removes them after the longest time that a tenant keeps events',
            unit: 'short',
            width: 8,
          },
          { messages: highest('streamMessages') },
        ),
        trend(
          { title: 'Size on disk', about: 'Plan for its growth over days', unit: 'bytes', width: 8 },
          { size: highest('streamBytes') },
        ),
        trend(
          { title: 'Age of the first message', about: 'About as long as events are kept', unit: 's', width: 8 },
          { age: highest('streamAge') },
        ),
      ],
    },
  ],
})
