import { series } from '../prometheus/series.ts'
import { dashboard } from './dashboard.ts'
import { figure, heat, trend } from './panels.ts'
import { buckets, highest, mean, named, quantile, recorded, total } from './queries.ts'

/** MongoDB as Doorbell sees it: commands, connections, and the batches of the ledger. */
export const mongodbDashboard = dashboard({
  uid: 'doorbell-mongodb',
  title: 'Doorbell: MongoDB',
  about: 'The ledger: what is asked of MongoDB, and how long rows take until they are durable.',
  rows: [
    {
      title: 'Does it answer?',
      panels: [
        figure(
          { title: 'Reached', about: '1: by every process', unit: 'short', width: 6 },
          `min(${series('dependencyUp', { dependency: 'mongodb' })})`,
          { amber: 1, red: 0.5 },
        ),
        figure(
          {
            title: 'Failed commands',
            about: 'A second. A few at a change of primary are retried by themselves.',
            unit: 'eps',
            width: 6,
          },
          `${recorded('commandDuration', { errorType: '!' })} or vector(0)`,
          { amber: 0.1, red: 1 },
        ),
        figure(
          {
            title: 'Waiting for a connection',
            about: 'Above 0 for long: the pool is too small, or commands hang',
            unit: 'short',
            width: 6,
          },
          total('connectionsAwaited'),
          { amber: 1, red: 10 },
        ),
        figure(
          { title: 'Rows in the log', about: 'As MongoDB estimates', unit: 'short', width: 6 },
          highest('ledgerRows'),
          {
            amber: 1e8,
            red: 1e9,
          },
        ),
      ],
    },
    {
      title: 'The ledger’s batches',
      panels: [
        heat(
          { title: 'Until rows are durable', about: 'A batch of rows, written at once', unit: 's', width: 12 },
          buckets('batchDuration'),
        ),
        trend(
          {
            title: 'Rows in a batch',
            about: 'Few in quiet times; a burst fills them, which is what makes it cheap',
            unit: 'short',
            width: 6,
          },
          { [named('batch')]: mean('batchRows', ['batch']) },
        ),
        trend(
          { title: 'Batches', about: 'A second', unit: 'eps', width: 6 },
          { [named('batch')]: recorded('batchRows', {}, ['batch']) },
        ),
      ],
    },
    {
      title: 'Commands and connections',
      panels: [
        trend(
          { title: 'Commands', about: 'A second, by name', unit: 'eps', width: 8 },
          { [named('dbOperation')]: recorded('commandDuration', {}, ['dbOperation']) },
        ),
        trend(
          { title: 'Commands, 99 %', about: 'By name', unit: 's', width: 8 },
          { [named('dbOperation')]: quantile(0.99, 'commandDuration', {}, ['dbOperation']) },
        ),
        trend(
          {
            title: 'Connections',
            about: 'In use and idle, and the most that a process may have',
            unit: 'short',
            width: 8,
          },
          {
            [`${named('dbConnectionState')} {{instance}}`]: total('connections', {}, ['dbConnectionState', 'instance']),
            most: highest('connectionsMax'),
          },
        ),
        trend(
          { title: 'Failed commands', about: 'By class of the error', unit: 'eps', width: 24 },
          { [named('errorType')]: recorded('commandDuration', { errorType: '!' }, ['errorType']) },
        ),
      ],
    },
  ],
})
