import { jetstreamManager } from '@nats-io/jetstream'
import type { ExecutionContext } from 'ava'
import { connect } from 'nats'
import type { VisitMessage } from '../../../src/domain/visit-message.ts'
import { connectStreams, type Streams } from '../../../src/streams/connect.ts'
import { natsUrl } from '../../support/servers.ts'
import { freshNames, streamOptions } from '../../support/test-stream.ts'
import { until } from '../../support/until.ts'
import { createLink } from '../models/link.ts'
import { createStreamModel } from '../models/streams/streams.ts'
import { startHeldLink } from './held-link.ts'
import { type Behaviour, realPorts, refusalOf } from './hold.ts'
import { consumerWhen, event, idsOf, publishAll, read } from './stream-sides.ts'

/** A process with a link that breaks, and another one without. */
export interface BreakingStreams {
  readonly streams: Streams
  readonly other: Streams
  readonly link: { cut(how: 'silent' | 'closed'): void; heal(): unknown }
}

const log = { info: () => undefined, warn: () => undefined }
const options = { ...streamOptions, window: 1_000, ackWaitMs: 6_000, leaseMs: 3_000 }

export const breakingStreams = {
  real: async (t: ExecutionContext): Promise<BreakingStreams> => {
    const names = freshNames()
    const link = await startHeldLink(t, natsUrl())
    const other = await connectStreams({ url: natsUrl(), log, names })
    await other.ensure(options)
    const streams = await connectStreams({ url: `nats://127.0.0.1:${link.port}`, log, names })
    t.teardown(async () => {
      await streams.close()
      await other.close()
      const connection = await connect({ servers: natsUrl().replace('nats://', '') })
      const manager = await jetstreamManager(connection, { checkAPI: false })
      for (const stream of [names.stream, `KV_${names.stream}_FLEET`])
        await manager.streams.delete(stream).catch(() => undefined)
      await connection.close()
    })
    return { streams, other, link }
  },
  model: async (t: ExecutionContext): Promise<BreakingStreams> => {
    const model = createStreamModel(realPorts)
    const link = createLink(realPorts)
    const open = (over: typeof link) => model.connect(over)({ url: 'nats://model.test', log })
    const other = await open(createLink(realPorts))
    await other.ensure(options)
    const streams = await open(link)
    t.teardown(async () => {
      await streams.close()
      await other.close()
    })
    return { streams, other, link }
  },
}

const numbered = Array.from({ length: 20 }, (_, index) => `e-${String(index).padStart(2, '0')}`)
const later = (ms: number, work: () => unknown = () => undefined) =>
  new Promise<unknown>(resolve => setTimeout(() => resolve(work()), ms))
const backAgain = (streams: Streams) =>
  until(
    () => refusalOf(streams.ping()),
    answer => answer === 'done',
  )

export const streamFaults: readonly Behaviour<BreakingStreams>[] = [
  {
    title: 'while connections are refused, publishing fails at once, and nothing of it is stored later',
    outcome: [['Failure', 'streams_unavailable'], true, 1, '{"id":"b"}'],
    steps: async ({ streams, other, link }) => {
      link.cut('closed')
      await until(
        () => refusalOf(streams.ping()),
        answer => answer !== 'done',
      )
      const begunAt = performance.now()
      const refused = await refusalOf(streams.publish(event('a')))
      const isQuick = performance.now() - begunAt < 1_000
      await link.heal()
      await backAgain(streams)
      await streams.publish(event('b'))
      return [refused, isQuick, await other.lastSequence(), await other.read(1)]
    },
  },
  {
    title:
      'an event that is sent into a silent link is refused after five seconds, and stored when the link is heard again',
    outcome: [['Failure', 'streams_unavailable'], 0, true],
    steps: async ({ streams, other, link }) => {
      link.cut('silent')
      const refused = await refusalOf(streams.publish(event('a')))
      const before = await other.lastSequence()
      await link.heal()
      await until(other.lastSequence, last => last === 1)
      return [refused, before, (await streams.publish(event('a'))).duplicate]
    },
  },
  {
    title: 'a feed continues after a break, with what was published in between and what it had not acknowledged',
    outcome: [
      ['a', 0],
      ['a', 1],
      ['b', 0],
    ],
    steps: async ({ streams, other, link }) => {
      await publishAll(other, 'a')
      const reader = read(streams.feed(0, 100))
      const [first] = await reader.next(1)
      link.cut('closed')
      await publishAll(other, 'b')
      await later(300, link.heal)
      const rest: VisitMessage[] = []
      while (rest.length < 2) {
        const [message] = await reader.next(1)
        message?.ack()
        if (message !== undefined) rest.push(message)
      }
      await consumerWhen(other, [0, 0])
      await reader.feed.stop()
      return [first, ...rest]
        .flatMap(message => (message === undefined ? [] : [[...idsOf([message]), message.redeliveries]]))
        .toSorted(([a, x], [b, y]) => String([a, x]).localeCompare(String([b, y])))
    },
  },
  {
    title: 'a process whose connections break holds no message back from the next owner',
    outcome: ['a', 'b', 'c', 'd'],
    steps: async ({ streams, other, link }) => {
      await publishAll(other, 'a', 'b')
      const reader = read(streams.feed(0, 100))
      await reader.next(2)
      link.cut('closed')
      const next = read(other.feed(0, 100))
      await publishAll(other, 'c', 'd')
      const messages = await next.next(4)
      await next.feed.stop()
      await link.heal()
      await backAgain(streams)
      await reader.feed.stop()
      return idsOf(messages).toSorted()
    },
  },
  {
    title:
      'a silent process goes on to be given messages, in turn with the next owner, and finds them when it is heard again',
    outcome: [20, 0],
    steps: async ({ streams, other, link }) => {
      await publishAll(other, 'first')
      const silent = read(streams.feed(0, 1_000))
      for (const message of await silent.next(1)) message.ack()
      await consumerWhen(other, [0, 0])
      link.cut('silent')
      const next = read(other.feed(0, 1_000))
      // The server has its request once it is given a message.
      let isReading = false
      void next.next(1).then(() => (isReading = true))
      await until(async () => {
        if (!isReading) await other.publish(event(`probe-${Math.random()}`))
        return isReading
      })
      await Promise.all(numbered.map(id => other.publish(event(id))))
      const half = async ({ next: more }: typeof next) => {
        const found: VisitMessage[] = []
        while (found.length < 10)
          found.push(...(await more(1)).filter(message => numbered.includes(String(idsOf([message])))))
        return found
      }
      const ours = await half(next)
      await link.heal()
      const all = [...ours, ...(await half(silent))]
      await next.feed.stop()
      await silent.feed.stop()
      return [new Set(idsOf(all)).size, Math.max(...all.map(({ redeliveries }) => redeliveries))]
    },
  },
  {
    title: 'an acknowledgement that waits in a silent link counts when it arrives',
    outcome: [0, 0],
    steps: async ({ streams, other, link }) => {
      await publishAll(other, 'a')
      const reader = read(streams.feed(0, 100))
      const [a] = await reader.next(1)
      link.cut('silent')
      a?.ack()
      await later(200)
      const [before] = await other.consumerStates([0])
      await link.heal()
      const after = await consumerWhen(other, [0, 0])
      await reader.feed.stop()
      return before?.ackPending === 1 ? after : before
    },
  },
  {
    title: 'an acknowledgement while connections are refused is lost: the message comes again',
    outcome: [['a', 1]],
    steps: async ({ streams, other, link }) => {
      await publishAll(other, 'a')
      const reader = read(streams.feed(0, 100))
      const [a] = await reader.next(1)
      link.cut('closed')
      await until(
        () => refusalOf(streams.ping()),
        answer => answer !== 'done',
      )
      a?.ack()
      await later(700, link.heal)
      const again = await reader.next(1)
      await reader.feed.stop()
      return again.map(message => [...idsOf([message]), message.redeliveries])
    },
  },
  {
    title: 'a signal during a break is lost, and a later one is heard again',
    outcome: ['late'],
    steps: async ({ streams, other, link }) => {
      const heard: string[] = []
      streams.wakes$.subscribe(id => heard.push(id))
      await streams.ping()
      link.cut('closed')
      await until(
        () => refusalOf(streams.ping()),
        answer => answer !== 'done',
      )
      other.wake('early')
      await other.ping()
      await link.heal()
      await backAgain(streams)
      other.wake('late')
      await until(() => heard.length > 0)
      return heard
    },
  },
  {
    title: 'a return after a break is reported as a doubt',
    outcome: true,
    steps: async ({ streams, link }) => {
      let doubts = 0
      streams.doubts$.subscribe(() => (doubts += 1))
      link.cut('closed')
      await later(300, link.heal)
      return until(() => doubts > 0)
    },
  },
  {
    title: 'a lease that could not be renewed in time is lost, also to its owner',
    outcome: [true, true, null],
    steps: async ({ streams, other, link }) => {
      const [leases, others] = [await streams.leases(options), await other.leases(options)]
      const lease = await leases.take(0, 'a')
      link.cut('closed')
      const taken = await until(
        () => others.take(0, 'b'),
        found => found !== null,
      )
      await link.heal()
      await backAgain(streams)
      return [lease !== null, taken !== null, lease === null ? null : await leases.renew(lease, 'a')]
    },
  },
  {
    title: 'a renewal that waits in a silent link arrives too late: another worker has the lease',
    outcome: [true, false, 'b keeps it'],
    steps: async ({ streams, other, link }) => {
      const [leases, others] = [await streams.leases(options), await other.leases(options)]
      const lease = await leases.take(0, 'a')
      if (lease === null) return null
      link.cut('silent')
      const renewing = leases.renew(lease, 'a').then(renewed => renewed !== null)
      const taken = await until(
        () => others.take(0, 'b'),
        found => found !== null,
      )
      await link.heal()
      const renewed = await renewing
      const kept = taken === null ? null : await others.renew(taken, 'b')
      return [taken !== null, renewed, kept === null ? 'b lost it' : 'b keeps it']
    },
  },
]
