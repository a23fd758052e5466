import { series } from '../prometheus/series.ts'
import { dashboard } from './dashboard.ts'
import { figure, trend } from './panels.ts'
import { highest, named, perSecond, quantile, total } from './queries.ts'

/** NATS as Doorbell sees it: the stream of events, and how far its partitions are. */
export const natsDashboard = dashboard({
  uid: 'doorbell-nats',
  title: 'Doorbell: NATS',
  about: 'The stream VISITS and its consumers, one for each partition, told by the workers that own them.',
  rows: [
    {
      title: 'Does it answer, and does it keep up?',
      panels: [
        figure(
          { title: 'Reached', about: '1: by every process', unit: 'short', width: 6 },
          `min(${series('dependencyUp', { dependency: 'nats' })})`,
          { amber: 1, red: 0.5 },
        ),
        figure(
          { title: 'Oldest not acknowledged', about: 'Its rows are not durable yet', unit: 's', width: 6 },
          highest('consumerAge'),
          { amber: 30, red: 120 },
        ),
        figure(
          { title: 'Not given to a consumer yet', about: 'In all partitions', unit: 'short', width: 6 },
          total('consumerPending'),
          { amber: 10_000, red: 100_000 },
        ),
        figure(
          { title: 'Given more than once', about: 'After a worker died, or a hand-over', unit: 'short', width: 6 },
          total('consumerRedelivered'),
          { amber: 100, red: 1_000 },
        ),
      ],
    },
    {
      title: 'Into the stream',
      panels: [
        trend(
          {
            title: 'Publications by result',
            about: 'Failed ones were answered with 503',
            unit: 'eps',
            width: 12,
            stacked: true,
          },
          { [named('publishResult')]: perSecond('sentMessages', {}, ['publishResult']) },
        ),
        trend(
          { title: 'Until it has acknowledged', about: 'With sync always this is the disk', unit: 's', width: 12 },
          { '50 %': quantile(0.5, 'publishDuration'), '99 %': quantile(0.99, 'publishDuration') },
        ),
      ],
    },
    {
      title: 'The partitions',
      panels: [
        trend(
          {
            title: 'Not given yet',
            about: 'By partition: a single high one is one busy tenant',
            unit: 'short',
            width: 8,
          },
          { [named('partition')]: highest('consumerPending', {}, ['partition']) },
        ),
        trend(
          { title: 'Not acknowledged', about: 'By partition, 512 at most', unit: 'short', width: 8 },
          { [named('partition')]: highest('consumerAckPending', {}, ['partition']) },
        ),
        trend(
          { title: 'Oldest not acknowledged', about: 'By partition', unit: 's', width: 8 },
          { [named('partition')]: highest('consumerAge', {}, ['partition']) },
        ),
      ],
    },
    {
      title: 'The stream',
      panels: [
        trend(
          { title: 'Messages', about: 'Retention keeps them as long as a tenant wants', unit: 'short', width: 8 },
          { messages: highest('streamMessages') },
        ),
        trend(
          { title: 'On disk', about: 'Growth over days is what to plan for', unit: 'bytes', width: 8 },
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
