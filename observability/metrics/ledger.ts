import { attributes as a, metricShapes as shapes } from '../names.ts'
import { histogram } from './instruments.ts'
import { labelsOf } from './labels.ts'
import { onCollect } from './observed.ts'

/** Connections to MongoDB, counted from the driver’s events. */
export interface PoolState {
  readonly idle: number
  readonly used: number
  /** Commands that wait for a connection. */
  readonly awaited: number
  readonly max: number
}

/** Counts commands to MongoDB and batches of rows. */
export const createLedgerMetrics = () => {
  const commands = histogram(shapes.commandDuration)
  const commandLabels = labelsOf((key: string) => {
    const [operation, error] = key.split(' ')
    const labels = { [a.dbSystem]: 'mongodb', [a.dbOperation]: operation }
    return error === '' ? labels : { ...labels, [a.errorType]: error }
  })
  const rows = histogram(shapes.batchRows)
  const durations = histogram(shapes.batchDuration)
  const batchLabels = labelsOf((kind: 'insert' | 'update') => ({ [a.batch]: kind }))
  return {
    /** `error` is the error’s class, or '' when the command succeeded. */
    commanded: (operation: string, tookMs: number, error: string): void =>
      commands.record(tookMs / 1_000, commandLabels(`${operation} ${error}`)),
    batchWritten: (kind: 'insert' | 'update', count: number, tookMs: number): void => {
      rows.record(count, batchLabels(kind))
      durations.record(tookMs / 1_000, batchLabels(kind))
    },
    poolIs: (read: () => PoolState): void => observePool(read),
  }
}

const observePool = (read: () => PoolState): void => {
  const pool = { [a.dbPool]: 'doorbell' }
  const idle = { ...pool, [a.dbConnectionState]: 'idle' }
  const used = { ...pool, [a.dbConnectionState]: 'used' }
  onCollect(observe => {
    const now = read()
    observe(shapes.connections, now.idle, idle)
    observe(shapes.connections, now.used, used)
    observe(shapes.connectionsMax, now.max, pool)
    observe(shapes.connectionsAwaited, now.awaited, pool)
  })
}
