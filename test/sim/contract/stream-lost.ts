import type { Streams } from '../../../src/streams/connect.ts'
import type { Progress } from '../../../src/streams/needs/progress.ts'
import type { StreamOptions } from '../../../src/streams/stream-config.ts'
import { streamOptions } from '../../support/test-stream.ts'
import { until } from '../../support/until.ts'
import { type Behaviour, refusalOf } from './hold.ts'
import { consumerWhen, event, idsOf, publishAll, read, type StreamSide } from './stream-sides.ts'

/** Remembers how far the stream was processed, as the ledger does. */
const remembered = () => {
  let stored: Progress = { processed: new Map(), highest: null }
  return {
    load: async () => stored,
    save: async (progress: Progress) => void (stored = progress),
  }
}

/** What the requirements of the process find and restore. */
const restore = async (streams: Streams, options: Partial<StreamOptions>) => {
  const outcomes: unknown[] = []
  for (const { name, check } of streams.requirements({ ...streamOptions, ...options }))
    for (const { difference, outcome } of await check()) outcomes.push([name, difference, outcome])
  return outcomes
}

export const streamLost: readonly Behaviour<StreamSide>[] = [
  {
    title: 'nothing is restored where nothing is missing',
    outcome: [],
    steps: async side => restore(await side.start(), {}),
  },
  {
    title: 'a consumer that was removed continues behind what was processed, and its reader with it',
    outcome: [['a', 'b'], [['consumers', 'is missing', 'restored']], ['b', 'c'], [false, true], [0, 0]],
    steps: async side => {
      const options = { progress: remembered() }
      const streams = await side.start(options)
      await publishAll(streams, 'a', 'b')
      const reader = read(streams.feed(0, 100))
      const first = await reader.next(2)
      first[0]?.ack()
      await consumerWhen(streams, [0, 1])
      await options.progress.save(await streams.progress())
      await side.remove('consumer')
      await publishAll(streams, 'c')
      const restored = await restore(streams, options)
      const again = await reader.next(2)
      for (const message of again) message.ack()
      const ended = await consumerWhen(streams, [0, 0])
      await reader.feed.stop()
      return [idsOf(first), restored, idsOf(again), again.map(({ caughtUp }) => caughtUp), ended]
    },
  },
  {
    title: 'without its stream nothing is accepted; the numbers of a new one continue behind those of the lost one',
    outcome: [['Failure', 'streams_unavailable'], ['stream', 'is missing', 'restored'], true, ['c']],
    steps: async side => {
      const options = { progress: remembered() }
      const streams = await side.start(options)
      await publishAll(streams, 'a', 'b')
      const reader = read(streams.feed(0, 100))
      await reader.next(2)
      await options.progress.save(await streams.progress())
      await side.remove('stream')
      const refused = await refusalOf(streams.publish(event('x')))
      const [restored] = await restore(streams, options)
      const { sequence } = await streams.publish(event('c'))
      const next = await reader.next(1)
      await reader.feed.stop()
      return [refused, restored, sequence > 1_000_000, idsOf(next)]
    },
  },
  {
    title: 'a bucket that was removed gives no lease before its previous owners can have noticed',
    outcome: [null, [['leases', 'is missing', 'restored']], null, [], true],
    steps: async side => {
      const streams = await side.start({ leaseMs: 3_000 })
      const leases = await streams.leases({ leaseMs: 3_000, replicas: 1 })
      await leases.beat('a')
      const lease = await leases.take(0, 'a')
      await side.remove('bucket')
      const restored = await restore(streams, { leaseMs: 3_000 })
      const renewed = lease === null ? 'no lease' : await leases.renew(lease, 'a')
      const early = await leases.take(0, 'b')
      const workers = await leases.workers()
      const late = await until(
        () => leases.take(0, 'b'),
        taken => taken !== null,
      )
      return [renewed, restored, early, workers, late !== null]
    },
  },
  {
    title: 'what is removed is reported as a doubt',
    outcome: [true, true],
    steps: async side => {
      const streams = await side.start()
      let doubts = 0
      streams.doubts$.subscribe(() => (doubts += 1))
      await streams.ping()
      await side.remove('consumer')
      const first = await until(() => doubts > 0)
      const before = doubts
      await side.remove('stream')
      return [first, await until(() => doubts > before)]
    },
  },
]
