/**
 * Starts a service that must fail, and prints how it failed with the number of intervals that it left. This process then ends by itself,
 * unless the start has left a connection, a port or a timer open. Settings come as JSON, in one argument.
 */
import { loadSettings } from '../../config/load.ts'
import { createLog } from '../../observability/log.ts'
import { startService } from '../../src/service/service.ts'

const { encryptionKey, replicas, ...given } = JSON.parse(process.argv[2] ?? '{}')
const settings = { ...loadSettings({}), ...given, encryptionKey: Buffer.from(encryptionKey, 'base64') }
// Each reading of the setting gets the next of these values, so that a later step can fail where an earlier one did not.
if (replicas !== undefined)
  Object.defineProperty(settings, 'replicas', { get: () => (replicas.length > 1 ? replicas.shift() : replicas[0]) })

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

const error = await startService(settings, createLog('silent')).then(
  () => ({ message: 'it has started' }),
  (thrown: unknown) => thrown as Error,
)
process.stdout.write(JSON.stringify({ message: error.message, intervals: intervals.size }))
