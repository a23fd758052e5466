import { EventEmitter, once } from 'node:events'
import test from 'ava'
import type { Subscription } from '../domain/subscription.ts'
import { startDirectory } from './directory.ts'
import type { Subscriptions } from './subscriptions.ts'

const subscription = (version: number) => ({ id: 'a', tenant: 'acme', version }) as Subscription

test('after an interruption the change stream is open before everything is read again: no change is missed between them', async t => {
  const steps: string[] = []
  const { promise: broken, reject: interrupt } = Promise.withResolvers<null>()
  const streams = new EventEmitter()
  const subscriptions = {
    all: async () => (steps.push('read'), [subscription(steps.length)]),
    watch: () => {
      const first = steps.length === 0 ? broken : new Promise<null>(() => undefined)
      const stream = Object.assign(new EventEmitter(), { tryNext: () => first, close: () => Promise.resolve() })
      steps.push('asked')
      setImmediate(() => {
        steps.push('open')
        stream.emit('resumeTokenChanged')
        streams.emit('opened')
      })
      return stream
    },
  } as unknown as Subscriptions
  const directory = await startDirectory(subscriptions, { warn: () => undefined })
  t.teardown(directory.stop)
  const again = once(streams, 'opened')
  interrupt(new Error('no primary'))
  await again
  await directory.inForce('a', 6)
  t.deepEqual(steps, ['asked', 'open', 'read', 'asked', 'open', 'read'])
})
