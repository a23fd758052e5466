import { series } from '../prometheus/series.ts'
import { dashboard } from './dashboard.ts'
import { figure, heat, trend } from './panels.ts'
import { buckets, highest, mean, named, quantile, recorded, total } from './queries.ts'

/** MongoDB as Doorbell sees it: commands, connections, and the batches of the ledger. */
export const mongodbDashboard = dashboard({
  uid: 'doorbell-mongodb',
  title: 'Doorbell: MongoDB',
  about: 'The ledger: commands to MongoDB, and the time until rows are durable.',
  rows: [
    {
      title: 'Reachability',
      panels: [
        figure(
          { title: 'Reachable', about: '1 when every process can reach MongoDB', unit: 'short', width: 6 },
          `min(${series('dependencyUp', { dependency: 'mongodb' })})`,
          { amber: 1, red: 0.5 },
        ),
        figure(
          {
            title: 'Failed commands',
            about: 'Per second. A few during a change of the primary are normal: they are retried.',
            unit: 'eps',
            width: 6,
          },
          `${recorded('commandDuration', { errorType: '!' })} or vector(0)`,
          { amber: 0.1, red: 1 },
        ),
        figure(
          {
            title: 'Waiting for a connection',
            about: 'If it stays above 0, the pool is too small or commands hang',
            unit: 'short',
            width: 6,
          },
          total('connectionsAwaited'),
          { amber: 1, red: 10 },
        ),
        figure(
          { title: 'Rows in the log', about: 'MongoDB’s estimate', unit: 'short', width: 6 },
          highest('ledgerRows'),
          {
            amber: 1e8,
            red: 1e9,
          },
        ),
      ],
    },
    {
      title: 'Batches of rows',
      panels: [
        heat(
          {
            title: 'Time until rows are durable',
            about: 'For a batch of rows, written together',
            unit: 's',
            width: 12,
          },
          buckets('batchDuration'),
        ),
        trend(
          {
            title: 'Rows per batch',
            about: 'Few in quiet times. A burst fills the batches, which makes each row cheap.',
            unit: 'short',
            width: 6,
          },
          { [named('batch')]: mean('batchRows', ['batch']) },
        ),
        trend(
          { title: 'Batches', about: 'Per second', unit: 'eps', width: 6 },
          { [named('batch')]: recorded('batchRows', {}, ['batch']) },
        ),
      ],
    },
    {
      title: 'Commands and connections',
      panels: [
        trend(
          { title: 'Commands', about: 'Per second, by name', unit: 'eps', width: 8 },
          { [named('dbOperation')]: recorded('commandDuration', {}, ['dbOperation']) },
        ),
        trend(
          { title: 'Command duration, 99th percentile', about: 'By name', unit: 's', width: 8 },
          { [named('dbOperation')]: quantile(0.99, 'commandDuration', {}, ['dbOperation']) },
        ),
        trend(
          {
            title: 'Connections',
            about: 'Used, idle, and the limit of a process',
            unit: 'short',
            width: 8,
          },
          {
            [`${named('dbConnectionState')} {{instance}}`]: total('connections', {}, ['dbConnectionState', 'instance']),
            limit: highest('connectionsMax'),
          },
        ),
        trend(
          { title: 'Failed commands', about: 'By error class', unit: 'eps', width: 24 },
          { [named('errorType')]: recorded('commandDuration', { errorType: '!' }, ['errorType']) },
        ),
      ],
    },
  ],
})
