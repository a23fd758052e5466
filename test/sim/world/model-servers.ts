import { isControl } from '../../../src/domain/control-message.ts'
import { openLedger } from '../../../src/ledger/ledger.ts'
import type { connectStreams } from '../../../src/streams/connect.ts'
import { createLink, type Link } from '../models/link.ts'
import { createMongoModel } from '../models/mongo/mongo.ts'
import type { ModelPorts } from '../models/ports.ts'
import type { Stored } from '../models/streams/log.ts'
import { createStreamModel } from '../models/streams/streams.ts'
import type { Chance } from '../time/chance.ts'
import { runAs } from '../time/simulated-host.ts'
import type { Owner, Timeline } from '../time/timeline.ts'
import type { ServerName } from './plan.ts'
import type { Change, Message, ProcessServers, Servers } from './servers.ts'

interface Ports {
  readonly timeline: Timeline
  readonly world: Owner
  readonly chance: Chance
  readonly onChange: (change: Change) => void
  readonly onPublished: (message: Message) => void
  readonly onAcknowledged: (sequence: number) => void
  readonly onLease: (partition: number, owner: Owner) => void
}

/** The models of MongoDB and NATS on the world's time, with eyes on what they store. */
export const createServers = ({ timeline, world, chance, ...eyes }: Ports): Servers => {
  const ports: ModelPorts = {
    now: () => Math.floor(timeline.now()),
    chance: chance.next,
    after: (delayMs, work) => {
      const task = timeline.after(delayMs, world, work)
      return () => void (task.run = null)
    },
  }
  const mongo = createMongoModel(ports)
  const streams = createStreamModel(ports)
  streams.observe({
    onPublished: message => eyes.onPublished(messageOf(message)),
    onAcknowledged: eyes.onAcknowledged,
  })
  mongo.follow('doorbell', ({ collection, type, id, ...rest }) =>
    eyes.onChange({ collection, type, id, doc: 'doc' in rest ? rest.doc : null }),
  )

  const connectionsOf = (
    owner: Owner,
    links: Readonly<Record<ServerName, Link>>,
  ): Pick<ProcessServers, 'openLedger' | 'connectStreams'> => ({
    openLedger: options => openLedger({ ...options, connect: mongo.connect(links.mongod) }),
    connectStreams: async options => {
      const connected = await streams.connect(links.nats)(options)
      return {
        ...connected,
        leases: async lease => {
          const opened = await connected.leases(lease)
          return {
            ...opened,
            take: async (partition, worker) => {
              const taken = await opened.take(partition, worker)
              if (taken !== null) eyes.onLease(partition, owner)
              return taken
            },
          }
        },
      } satisfies Awaited<ReturnType<typeof connectStreams>>
    },
  })

  return {
    forProcess: owner => {
      const afterAtClient: ModelPorts['after'] = (delayMs, work) => {
        const task = timeline.after(delayMs, owner, work)
        return () => void (task.run = null)
      }
      const links = { mongod: createLink(ports, { afterAtClient }), nats: createLink(ports, { afterAtClient }) }
      const both = (work: (link: Link) => void) => Object.values(links).forEach(work)
      return {
        ...connectionsOf(owner, links),
        cut: (server, how) => runAs(owner, () => links[server].cut(how)),
        heal: server => runAs(owner, () => links[server].heal()),
        delay: (server, ms) => links[server].delay(ms),
        loseAnswers: (server, count) => links[server].loseAnswers(count),
        pause: () => both(link => link.pause()),
        resume: () => both(link => link.resume()),
        end: how => both(link => link.end(how)),
      }
    },
    failover: electionMs => mongo.faults.failover(electionMs),
    restartNats: forMs => {
      streams.faults.stop()
      timeline.after(forMs, world, streams.faults.start)
    },
    fillStream: streams.faults.full,
    publishRaw: (subject, data) => streams.publishRaw(subject, data),
    unacknowledged: () => streams.unacknowledged(),
  }
}

const decoder = new TextDecoder()

const messageOf = ({ sequence, at, tenant, type, body: stored }: Stored): Message => {
  const body = typeof stored === 'string' ? stored : decoder.decode(stored)
  const event = isControl(type) ? null : readEvent(tenant, type, body)
  const data = event?.['data'] as { ref?: string } | undefined
  return { sequence, at, tenant, type, isControl: isControl(type), event, ref: data?.ref ?? '', text: body }
}

/** Null for what no subscription could ask for. */
const readEvent = (tenant: string, type: string, body: string): Message['event'] => {
  if (!/^[a-z0-9-]+$/.test(tenant) || !/^(webhook\..*|visit\.(created|updated|checked_in|checked_out))$/.test(type))
    return null
  try {
    const event = JSON.parse(body) as Record<string, unknown>
    if (type.startsWith('webhook.')) return event
    const data = event['data'] as { visitor?: unknown } | undefined
    return data?.visitor === undefined ? null : event
  } catch {
    return null
  }
}
