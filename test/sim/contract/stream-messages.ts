import { partitionOf } from '../../../src/domain/partition.ts'
import { type Behaviour, refusalOf } from './hold.ts'
import { consumerWhen, event, idsOf, publishAll, read, type StreamSide } from './stream-sides.ts'

/** Which of these tenants shares no partition with acme. */
const other = ['globex', 'initech', 'umbrella', 'hooli'].find(
  tenant => partitionOf(tenant, 4) !== partitionOf('acme', 4),
) as string
const quick = { ackWaitMs: 1_500 }

export const streamMessages: readonly Behaviour<StreamSide>[] = [
  {
    title: 'sequences grow by one, and the same id of a tenant is a duplicate with the first one’s sequence',
    outcome: [[1, false], [2, false], [1, true], [3, false], 3],
    steps: async side => {
      const streams = await side.start()
      const results: unknown[] = []
      for (const each of [event('a'), event('b'), event('a', { body: '{}' }), event('a', { tenant: 'globex' })]) {
        const { sequence, duplicate } = await streams.publish(each)
        results.push([sequence, duplicate])
      }
      return [...results, await streams.lastSequence()]
    },
  },
  {
    title: 'events that are published at the same time are each stored once, in one order',
    outcome: [20, 20, [true, true]],
    steps: async side => {
      const streams = await side.start()
      const ids = Array.from({ length: 20 }, (_, index) => `e-${index}`)
      const published = await Promise.all(ids.map(id => streams.publish(event(id))))
      const again = await Promise.all(['e-0', 'e-1'].map(id => streams.publish(event(id))))
      return [
        new Set(published.map(({ sequence }) => sequence)).size,
        (await streams.state()).messages,
        again.map(({ duplicate }) => duplicate),
      ]
    },
  },
  {
    title: 'each tenant’s messages are in its partition, with their place in the stream',
    outcome: [
      [partitionOf('acme', 4), 'acme', 'visit.created', 1, 0, null, '{"id":"a"}'],
      [partitionOf(other, 4), other, 'visit.checked_in', 2, 0, null, '{"id":"b"}'],
      [partitionOf('acme', 4), 'acme', 'visit.created', 3, 0, null, '{"id":"c"}'],
    ],
    steps: async side => {
      const streams = await side.start({ partitions: 4 })
      await streams.publish(event('a'))
      await streams.publish(event('b', { tenant: other, type: 'visit.checked_in' }))
      await streams.publish(event('c'))
      const readers = [partitionOf('acme', 4), partitionOf(other, 4)].map(partition =>
        read(streams.feed(partition, 100)),
      )
      const messages = [...(await (readers[0]?.next(2) ?? [])), ...(await (readers[1]?.next(1) ?? []))]
      await Promise.all(readers.map(({ feed }) => feed.stop()))
      return messages
        .toSorted((a, b) => a.sequence - b.sequence)
        .map(message => [
          message.partition,
          message.tenant,
          message.type,
          message.sequence,
          message.redeliveries,
          message.traceparent,
          message.text(),
        ])
    },
  },
  {
    title: 'what another program publishes arrives with any tenant and any bytes, and the same twice',
    outcome: [['ACME', 'visit.checked_in', 1], ['acme', 'x', 2], ['acme', 'x', 3], 'not_utf8', [255, 123]],
    steps: async side => {
      const streams = await side.start()
      await side.publishRaw('ACME.visit.checked_in', new TextEncoder().encode('{}'))
      for (let times = 0; times < 2; times += 1) await side.publishRaw('acme.x', new Uint8Array([0xff, 0x7b]))
      const reader = read(streams.feed(0, 100))
      const messages = await reader.next(3)
      await reader.feed.stop()
      const [, , bad] = messages
      const thrown = await refusalOf(Promise.resolve().then(() => bad?.text()))
      return [
        ...messages.map(({ tenant, type, sequence }) => [tenant, type, sequence]),
        (thrown as unknown[])[1],
        [...(bad?.rawBytes ?? [])],
      ]
    },
  },
  {
    title: 'a message that is acknowledged does not come again; one that is not comes again after the ack wait',
    outcome: [['a', 'b'], ['b'], [0, 1], [0, 0]],
    steps: async side => {
      const streams = await side.start(quick)
      await publishAll(streams, 'a', 'b')
      const reader = read(streams.feed(0, 100))
      const first = await reader.next(2)
      first[0]?.ack()
      const again = await reader.next(1)
      again[0]?.ack()
      const ended = await consumerWhen(streams, [0, 0])
      await reader.feed.stop()
      return [idsOf(first), idsOf(again), [first[1]?.redeliveries, again[0]?.redeliveries], ended]
    },
  },
  {
    title: 'work that is reported in time keeps its message',
    outcome: [['a', 'b'], ['b'], [0, 1]],
    steps: async side => {
      const streams = await side.start({ ackWaitMs: 2_000 })
      await publishAll(streams, 'a', 'b')
      const reader = read(streams.feed(0, 100))
      const first = await reader.next(2)
      const working = setInterval(() => first[0]?.working(), 200)
      const again = await reader.next(1)
      clearInterval(working)
      await reader.feed.stop()
      return [idsOf(first), idsOf(again), [first[1]?.redeliveries, again[0]?.redeliveries]]
    },
  },
  {
    title: 'a message that is handed back comes again at once, before new ones, or after its delay',
    outcome: [
      ['a', 'b', 'c'],
      ['b', 1],
      ['a', 1],
      [0, 1],
    ],
    steps: async side => {
      const streams = await side.start()
      await publishAll(streams, 'a', 'b', 'c')
      const reader = read(streams.feed(0, 100))
      const first = await reader.next(3)
      first[0]?.handBack(300)
      first[1]?.handBack()
      const [b] = await reader.next(1)
      const [a] = await reader.next(1)
      const short = (message: typeof a) => [...idsOf(message === undefined ? [] : [message]), message?.redeliveries]
      b?.ack()
      a?.ack()
      const left = await consumerWhen(streams, [0, 1])
      await reader.feed.stop()
      return [idsOf(first), short(b), short(a), left]
    },
  },
  {
    title: 'a message that is discarded has ended',
    outcome: [0, 0],
    steps: async side => {
      const streams = await side.start(quick)
      await publishAll(streams, 'a')
      const reader = read(streams.feed(0, 100))
      const [a] = await reader.next(1)
      a?.discard('not an event')
      const ended = await consumerWhen(streams, [0, 0])
      await reader.feed.stop()
      return ended
    },
  },
  {
    title: 'no more than the window is unacknowledged, and each end makes room',
    outcome: [
      ['a', 'b', 'c'],
      [2, 3],
      ['d', 'e'],
      [0, 3],
    ],
    steps: async side => {
      const streams = await side.start({ window: 3 })
      await publishAll(streams, 'a', 'b', 'c', 'd', 'e')
      const reader = read(streams.feed(0, 3))
      const first = await reader.next(3)
      const full = await consumerWhen(streams, [2, 3])
      first[0]?.ack()
      first[2]?.ack()
      const more = await reader.next(2)
      const left = await consumerWhen(streams, [0, 3])
      await reader.feed.stop()
      return [idsOf(first), full, idsOf(more), left]
    },
  },
  {
    title: 'the next owner gets everything behind the acknowledged position at once, and knows when it has caught up',
    outcome: [['b', 'c', 'd', 'e'], [false, false, true, true], false, [0, 0, 0, 0]],
    steps: async side => {
      const streams = await side.start()
      await publishAll(streams, 'a', 'b', 'c', 'd')
      const killed = await side.connect()
      const [a, , c] = await read(killed.feed(0, 100)).next(4)
      a?.ack()
      c?.ack()
      await killed.close()
      await consumerWhen(streams, [0, 2])
      await publishAll(streams, 'e')
      const reader = read(streams.feed(0, 100))
      let hadNothing = false
      void reader.feed.nothingInHand.then(() => (hadNothing = true))
      const again = await reader.next(4)
      await reader.feed.stop()
      return [
        idsOf(again),
        again.map(({ caughtUp }) => caughtUp),
        hadNothing,
        again.map(({ redeliveries }) => redeliveries),
      ]
    },
  },
  {
    title: 'an owner whose predecessor acknowledged everything knows it at its start',
    outcome: [['c'], true],
    steps: async side => {
      const streams = await side.start()
      await publishAll(streams, 'a', 'b')
      const first = read(streams.feed(0, 100))
      for (const message of await first.next(2)) message.ack()
      await first.feed.stop()
      await consumerWhen(streams, [0, 0])
      const second = read(streams.feed(0, 100))
      await publishAll(streams, 'c')
      const messages = await second.next(1)
      await second.feed.nothingInHand
      await second.feed.stop()
      return [idsOf(messages), messages[0]?.caughtUp]
    },
  },
  {
    title: 'a stopped feed takes no more, completes, and can still end what it has',
    outcome: ['completed', [1, 0]],
    steps: async side => {
      const streams = await side.start()
      await publishAll(streams, 'a')
      const feed = streams.feed(0, 100)
      const ended = new Promise(resolve =>
        feed.messages$.subscribe({ complete: () => resolve('completed'), next: message => last.push(message) }),
      )
      const last: { ack(): void }[] = []
      await consumerWhen(streams, [0, 1])
      await feed.stop()
      last[0]?.ack()
      await publishAll(streams, 'b')
      return [await ended, await consumerWhen(streams, [1, 0])]
    },
  },
  {
    title: 'a message that was erased while a reader had it does not come again',
    outcome: [['a', 'b'], true, false, ['b']],
    steps: async side => {
      const streams = await side.start(quick)
      await publishAll(streams, 'a', 'b')
      const reader = read(streams.feed(0, 100))
      const first = await reader.next(2)
      const erased = [await streams.erase(1), await streams.erase(1)]
      const again = await reader.next(1)
      again[0]?.ack()
      await reader.feed.stop()
      return [idsOf(first), ...erased, idsOf(again)]
    },
  },
]
