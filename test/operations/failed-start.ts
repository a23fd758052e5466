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
  /** Each reading of the setting `replicas` gets the next of these, so that a later step can fail where an earlier one did not. */
  readonly replicas?: readonly number[]
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

const settingsOf = ({ settings, replicas = [1] }: Order): ServiceSettings => {
  const encryptionKey = Buffer.from(settings.encryptionKey, 'base64')
  const rest = [...replicas]
  return Object.defineProperty({ ...loadSettings({}), ...settings, encryptionKey } as ServiceSettings, 'replicas', {
    get: () => (rest.length > 1 ? rest.shift() : rest[0]),
  })
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
  while (open() !== before) await setImmediate()
  process.send?.({ code, intervals: intervals.size } satisfies Answer)
}
process.on('message', (order: Order) => void failStart(order))
