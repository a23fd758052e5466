/**
 * A process that starts services which must fail, or which are stopped while they wait. For each message with settings it answers how the start failed, once nothing of it is open
 * any more: a connection, a port or a timer that is left keeps the answer back.
 */
import { setImmediate } from 'node:timers/promises'
import { loadSettings } from '../../config/load.ts'
import { createLog } from '../../observability/log.ts'
import { startService } from '../../src/service/service.ts'
import type { ServiceSettings } from '../../src/service/settings.ts'

export interface Order {
  /** With the encryption key as base64. */
  readonly settings: object & { readonly encryptionKey: string }
  /** What the worker reads as the number of partitions when it joins the fleet, so that this step fails where the earlier ones did not. */
  readonly partitionsAtJoin?: number
}

export interface Answer {
  /** Of the error; undefined when the service has started. */
  readonly code: unknown
  /** Those that keep no process going, and were not cleared. */
  readonly intervals: number
}

const intervals = new Set<unknown>()
const { setInterval: set, clearInterval: clear } = globalThis
globalThis.setInterval = (...args: Parameters<typeof set>) => {
  const timer = set(...args)
  intervals.add(timer)
  return timer
}
globalThis.clearInterval = timer => {
  intervals.delete(timer)
  clear(timer)
}

const settingsOf = ({ settings, partitionsAtJoin }: Order): ServiceSettings => {
  const encryptionKey = Buffer.from(settings.encryptionKey, 'base64')
  const all = { ...loadSettings({}), ...settings, encryptionKey } as ServiceSettings
  if (partitionsAtJoin === undefined) return all
  const { partitions } = all
  const isAtJoin = () => new Error('where is this read?').stack?.includes('join-fleet.ts') === true
  return Object.defineProperty(all, 'partitions', { get: () => (isAtJoin() ? partitionsAtJoin : partitions) })
}

const open = () => process.getActiveResourcesInfo().toSorted().join()

const failStart = async (order: Order): Promise<void> => {
  const before = open()
  const stopping = new AbortController()
  /** Stops a start that would wait. */
  const write = (line: string) => {
    if (line.includes('the start waits')) stopping.abort(Object.assign(new Error(), { code: 'stopped' }))
  }
  const code = await startService(settingsOf(order), createLog('warn', { write }), stopping.signal).then(
    () => undefined,
    (error: NodeJS.ErrnoException) => error.code,
  )
  // A service that has started keeps its connections.
  while (code !== undefined && open() !== before) await setImmediate()
  process.send?.({ code, intervals: intervals.size } satisfies Answer)
}
process.on('message', (order: Order) => void failStart(order))
