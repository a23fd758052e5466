import { mock } from 'node:test'
import test from 'ava'
import { createDraining } from './draining.ts'
import type { HttpServer } from './http-server.ts'
import type { Worker } from './worker.ts'

/** A service that is stopped, with what happens to it in order; `finish` ends the work that is under way. */
const stopped = () => {
  const events: string[] = []
  const [attempts, requests] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const draining = createDraining()
  draining.begins$.subscribe(() => events.push('begins'))
  draining.cutOff.addEventListener('abort', () => events.push('attempts cut off'))
  const http = {
    stopListening: () => (events.push('port closed'), requests.promise),
    disconnect: () => events.push('connections closed'),
  }
  const worker = { drain: () => (events.push('worker drains'), attempts.promise) }
  const done = draining.drain(http as unknown as HttpServer, worker as unknown as Worker)
  return { draining, events, attempts, requests, done }
}
/** Lets promises that are resolved take effect. */
const settled = () => new Promise<void>(resolve => setImmediate(resolve))

test.serial(
  'a stop closes the port, finishes attempts and then requests, and hurries neither that ends in time',
  async t => {
    mock.timers.enable({ apis: ['setTimeout'] })
    t.teardown(() => mock.timers.reset())
    const { draining, events, attempts, requests, done } = stopped()
    t.true(draining.hasBegun())
    t.deepEqual(events, ['begins', 'port closed', 'worker drains'])
    mock.timers.tick(7_999)
    attempts.resolve()
    await settled()
    mock.timers.tick(1_999)
    requests.resolve()
    await done
    mock.timers.tick(60_000)
    t.deepEqual(events, ['begins', 'port closed', 'worker drains'])
  },
)

test.serial(
  'attempts are cut off after 8 s, and requests lose their connection 2 s after the attempts have ended',
  async t => {
    mock.timers.enable({ apis: ['setTimeout'] })
    t.teardown(() => mock.timers.reset())
    const { events, attempts, requests, done } = stopped()
    mock.timers.tick(8_000)
    t.deepEqual(events.slice(3), ['attempts cut off'])
    attempts.resolve()
    await settled()
    mock.timers.tick(2_000)
    t.deepEqual(events.slice(3), ['attempts cut off', 'connections closed'])
    requests.resolve()
    await done
  },
)
