import { markType } from '../../../src/domain/control-message.ts'
import { type Behaviour, refusalOf } from './hold.ts'
import { consumerWhen, event, publishAll, read, type StreamSide } from './stream-sides.ts'

export const streamStore: readonly Behaviour<StreamSide>[] = [
  {
    title: 'a stored message is read by its sequence until it is erased',
    outcome: ['{"id":"a"}', null, null, true, null, false, false],
    steps: async side => {
      const streams = await side.start()
      await publishAll(streams, 'a', 'b')
      return [
        await streams.read(1),
        await streams.read(9),
        await streams.read(0),
        await streams.erase(1),
        await streams.read(1),
        await streams.erase(1),
        await streams.erase(9),
      ]
    },
  },
  {
    title: 'a tenant’s history comes in pages, by time or behind a message, and by type',
    outcome: [
      [
        [1, '{"id":"a"}'],
        [3, '{"id":"c"}'],
      ],
      [[4, '{"id":"d"}']],
      [],
      [[3, '{"id":"c"}']],
      [[4, '{"id":"d"}']],
      [],
      [[2, '{"id":"b"}']],
    ],
    steps: async side => {
      const streams = await side.start({ partitions: 4 })
      await streams.publish(event('a'))
      await streams.publish(event('b', { tenant: 'globex' }))
      await streams.publish(event('c', { type: 'visit.checked_in' }))
      const between = await new Promise<number>(resolve => setTimeout(() => resolve(Date.now()), 20))
      await streams.publish(event('d'))
      const page = async (query: Partial<Parameters<typeof streams.history>[0]>) =>
        (await streams.history({ tenant: 'acme', from: 0, after: null, limit: 10, ...query })).map(
          ({ sequence, text }) => [sequence, text],
        )
      return [
        await page({ limit: 2 }),
        await page({ after: 3 }),
        await page({ after: 4 }),
        await page({ type: 'visit.checked_in' }),
        await page({ from: between }),
        await page({ tenant: 'nobody' }),
        await page({ tenant: 'globex' }),
      ]
    },
  },
  {
    title: 'the history names when each message was stored and its type',
    outcome: ['visit.created', true],
    steps: async side => {
      const from = Date.now()
      const streams = await side.start()
      await publishAll(streams, 'a')
      const [message] = await streams.history({ tenant: 'acme', from: 0, after: null, limit: 1 })
      return [message?.type, message !== undefined && message.at >= from - 1 && message.at <= Date.now() + 1]
    },
  },
  {
    title: 'only acknowledged messages of the tenant are purged, and events are counted',
    outcome: [2, 0, [[5, '{"id":"d"}']], 1],
    steps: async side => {
      const streams = await side.start()
      await publishAll(streams, 'a', 'b')
      await streams.publish(event('m', { type: markType }))
      await streams.publish(event('c', { tenant: 'globex' }))
      await publishAll(streams, 'd')
      const reader = read(streams.feed(0, 100))
      for (const message of (await reader.next(5)).slice(0, 4)) message.ack()
      await consumerWhen(streams, [0, 1])
      await reader.feed.stop()
      const soon = Date.now() + 60_000
      const purged = [await streams.purgeBefore('acme', 0, soon), await streams.purgeBefore('acme', 0, soon)]
      const left = await streams.history({ tenant: 'acme', from: 0, after: null, limit: 10 })
      const others = await streams.history({ tenant: 'globex', from: 0, after: null, limit: 10 })
      return [...purged, left.map(({ sequence, text }) => [sequence, text]), others.length]
    },
  },
  {
    title: 'messages from after the moment stay',
    outcome: [1, ['{"id":"b"}']],
    steps: async side => {
      const streams = await side.start()
      await publishAll(streams, 'a')
      const between = await new Promise<number>(resolve => setTimeout(() => resolve(Date.now()), 20))
      await new Promise(resolve => setTimeout(resolve, 20))
      await publishAll(streams, 'b')
      const reader = read(streams.feed(0, 100))
      for (const message of await reader.next(2)) message.ack()
      await consumerWhen(streams, [0, 0])
      await reader.feed.stop()
      const purged = await streams.purgeBefore('acme', 0, between)
      return [
        purged,
        (await streams.history({ tenant: 'acme', from: 0, after: null, limit: 9 })).map(({ text }) => text),
      ]
    },
  },
  {
    title: 'a partition is worked on up to what is acknowledged without a gap',
    outcome: [false, true, false, true],
    steps: async side => {
      const streams = await side.start()
      await publishAll(streams, 'a', 'b', 'c')
      const before = await streams.isWorkedOn(0, 1)
      const reader = read(streams.feed(0, 100))
      const [a, b, c] = await reader.next(3)
      a?.ack()
      c?.ack()
      await consumerWhen(streams, [0, 1])
      const between = [await streams.isWorkedOn(0, 1), await streams.isWorkedOn(0, 3)]
      b?.ack()
      await consumerWhen(streams, [0, 0])
      await reader.feed.stop()
      return [before, ...between, await streams.isWorkedOn(0, 3)]
    },
  },
  {
    title: 'the state counts messages, and each partition’s consumer what waits and what a reader has',
    outcome: [
      [0, null],
      [2, true],
      [1, 1, 1, true],
      [0, 0, 0, null],
    ],
    steps: async side => {
      const streams = await side.start({ partitions: 2, window: 1, ackWaitMs: 200 })
      const empty = await streams.state()
      await publishAll(streams, 'a', 'b')
      const [message] = await streams.history({ tenant: 'acme', from: 0, after: null, limit: 1 })
      const full = await streams.state()
      const states = await streams.consumerStates([0, 1])
      const partition = states.find(({ pending }) => pending > 0)?.partition ?? -1
      const reader = read(streams.feed(partition, 1))
      await reader.next(2)
      const [own] = await streams.consumerStates([partition])
      const [other] = await streams.consumerStates([1 - partition])
      await reader.feed.stop()
      return [
        [empty.messages, empty.firstAt],
        [full.messages, full.firstAt === message?.at],
        [own?.pending, own?.ackPending, own?.redelivered, own?.oldestAt === message?.at],
        [other?.pending, other?.ackPending, other?.redelivered, other?.oldestAt],
      ]
    },
  },
  {
    title: 'a process that is set to another number of partitions is refused',
    outcome: ['done', ['Failure', 'invalid_settings']],
    steps: async side => {
      const streams = await side.start({ partitions: 2 })
      return [await refusalOf(streams.assertPartitions(2)), await refusalOf(streams.assertPartitions(3))]
    },
  },
  {
    title: 'what exists already is ensured without a change',
    outcome: [2, '{"id":"a"}', [0, 1]],
    steps: async side => {
      const streams = await side.start()
      await publishAll(streams, 'a')
      const reader = read(streams.feed(0, 1))
      await reader.next(1)
      await reader.feed.stop()
      const second = await side.start()
      const state = await consumerWhen(second, [0, 1])
      await publishAll(second, 'b')
      return [await second.lastSequence(), await second.read(1), state]
    },
  },
  {
    title: 'a full stream refuses events and keeps what it has, until something is removed',
    outcome: [['Failure', 'stream_full'], '{"id":"a"}', 'done'],
    steps: async side => {
      const streams = await side.start({ maxBytes: 20_000 })
      await publishAll(streams, 'a')
      const large = (id: string) => streams.publish(event(id, { body: 'x'.repeat(15_000) }))
      const { sequence } = await large('b')
      const refused = await refusalOf(large('c'))
      const kept = await streams.read(1)
      await streams.erase(sequence)
      return [refused, kept, await refusalOf(large('c'))]
    },
  },
  {
    title: 'a closed connection refuses everything, and may be closed again',
    outcome: [['Failure', 'streams_unavailable'], 'done', 'done'],
    steps: async side => {
      await side.start()
      const streams = await side.connect()
      await streams.ping()
      await streams.close()
      streams.wake('sub_1')
      return [
        await refusalOf(streams.publish(event('a'))),
        await refusalOf(streams.close()),
        await refusalOf((await side.connect()).ping()),
      ]
    },
  },
]
