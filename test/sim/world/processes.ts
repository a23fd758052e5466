import type { RequestListener } from 'node:http'
import { isAway } from '../../../src/domain/failure.ts'
import type { Log } from '../../../observability/log.ts'
import { startDirectory } from '../../../src/ledger/directory.ts'
import { startService, type Service } from '../../../src/service/service.ts'
import type { ServiceSettings } from '../../../src/service/settings.ts'
import { openStores, type Stores } from '../../../src/service/stores.ts'
import { runAs } from '../time/simulated-host.ts'
import { newOwner, type Owner, type Timeline } from '../time/timeline.ts'
import type { Endpoints } from './endpoints.ts'
import { type Answer, callListener, type Request } from './http-call.ts'
import type { ServerName } from './plan.ts'
import type { LinkChange, ProcessServers, Servers } from './servers.ts'
import { plainKeyRing, plainSealer, portWithoutSocket } from './stand-ins.ts'
import type { Trace } from './trace.ts'
import type { Plant } from '../plants/plant.ts'

/** One life of a process, from its start to its end. */
export interface Life {
  readonly owner: Owner
  readonly servers: ProcessServers
  service: Service | null
  stores: Stores | null
  listener: RequestListener | null
  readonly stopping: AbortController
}

/** A process of the fleet, which the world starts, kills, pauses and cuts off. */
export interface Process {
  readonly name: string
  readonly role: 'api' | 'worker'
  /** Null while it is not running. */
  life(): Life | null
  start(): void
  kill(how: 'killed' | 'vanished'): void
  /** Stops it in order, as SIGTERM does; resolves when it has ended. */
  stop(): Promise<void>
  pause(): void
  resume(): void
  /** Changes the way to a server, for this life and those that follow. */
  link(server: ServerName, change: LinkChange): void
  /** Sets its wall clock, in the same way. */
  skew(ms: number): void
  /** Resolves to the answer, or to null when there is none to expect. */
  request(request: Request): Promise<Answer | null>
}

interface Ports {
  readonly timeline: Timeline
  readonly world: Owner
  readonly servers: Servers
  readonly endpoints: Endpoints
  readonly trace: Trace
  readonly settings: ServiceSettings
  readonly plant: Plant
  /** The process ended without being asked to. */
  readonly onDeath: (process: Process, why: string) => void
  /** A new life begins. */
  readonly onBorn: (owner: Owner, process: Process) => void
  /** A line of its log with the level error. */
  readonly onErrorLine: (process: Process, text: string, why: string) => void
}

export const createProcess = (name: string, role: 'api' | 'worker', ports: Ports): Process => {
  const { trace, servers, endpoints, plant } = ports
  let life: Life | null = null
  let lives = 0
  let skewMs = 0
  const links = new Map<ServerName, LinkChange>()

  const applyLink = ({ servers: ways }: Life, server: ServerName, { cut, delayMs }: LinkChange): void => {
    if (delayMs !== undefined) ways.delay(server, delayMs)
    if (cut === null) ways.heal(server)
    else if (cut !== undefined) ways.cut(server, cut)
  }

  const logOf = (owner: Owner): Log => {
    const line = (level: string) => (fields: Record<string, unknown>, text: string) => {
      const error = fields['err']
      const why = error instanceof Error ? `: ${error.message.split('\n')[0]}` : ''
      trace.note(owner.name, `log ${level}: ${text}${why}${shortFields(fields)}`)
      // A server that is away is no defect, however the line calls it.
      if (level === 'error' && !isAway(error))
        ports.onErrorLine(own, text, error instanceof Error ? String(error.stack) : '')
    }
    return { debug: () => undefined, info: line('info'), warn: line('warn'), error: line('error') } as unknown as Log
  }

  const begin = (born: Life): void => {
    const { owner } = born
    const open = {
      openHttpServer: portWithoutSocket(listener => void (born.listener = listener)),
      openStores: async (...[options, opening]: Parameters<typeof openStores>) => {
        const stores = await openStores(
          options,
          opening,
          plant.stores({
            openLedger: born.servers.openLedger,
            connectStreams: born.servers.connectStreams,
            startDirectory,
            createSealer: plainSealer,
          }),
        )
        born.stores = stores
        return plant.opened(stores)
      },
      openEgress: () => plant.egress(endpoints.egressOf(owner)),
      openKeyRing: plainKeyRing,
    }
    const settings = { ...ports.settings, role }
    const started = async () => {
      born.service = await startService(settings, logOf(owner), born.stopping.signal, open)
      trace.note(owner.name, 'is ready')
    }
    started().catch((error: unknown) => {
      if (life === born && !born.stopping.signal.aborted) ports.onDeath(own, `its start failed: ${String(error)}`)
    })
  }

  const own: Process = {
    name,
    role,
    life: () => life,
    start: () => {
      lives += 1
      const owner = newOwner(lives === 1 ? name : `${name}.${lives}`)
      const born: Life = {
        owner,
        servers: servers.forProcess(owner),
        service: null,
        stores: null,
        listener: null,
        stopping: new AbortController(),
      }
      life = born
      ports.onBorn(owner, own)
      owner.skewMs = skewMs
      for (const [server, change] of links) applyLink(born, server, change)
      trace.note(owner.name, 'starts')
      runAs(owner, () => begin(born))
    },
    kill: how => {
      if (life === null) return
      trace.note(life.owner.name, how === 'killed' ? 'is killed' : 'loses its power')
      life.owner.state = 'ended'
      life.owner.parked.length = 0
      life.servers.end(how)
      life = null
    },
    stop: async () => {
      const ending = life
      if (ending === null) return
      trace.note(ending.owner.name, 'is asked to stop')
      await runAs(ending.owner, async () => {
        ending.stopping.abort()
        await ending.service?.stop()
      })
      if (ending.owner.state === 'ended') return
      trace.note(ending.owner.name, 'has stopped')
      ending.owner.state = 'ended'
      ending.servers.end('killed')
      if (life === ending) life = null
    },
    pause: () => {
      if (life === null || life.owner.state !== 'running') return
      trace.note(life.owner.name, 'is paused')
      life.owner.state = 'paused'
      life.servers.pause()
    },
    resume: () => {
      if (life === null || life.owner.state !== 'paused') return
      trace.note(life.owner.name, 'continues')
      ports.timeline.resume(life.owner)
      life.servers.resume()
    },
    link: (server, change) => {
      links.set(server, { ...links.get(server), ...change })
      if (life !== null) applyLink(life, server, change)
    },
    skew: ms => {
      skewMs = ms
      if (life !== null) life.owner.skewMs = ms
    },
    request: async request => {
      const asked = life
      if (asked === null || asked.listener === null) return null
      const { listener, owner } = asked
      return new Promise(resolve => {
        ports.timeline.after(1, owner, () => {
          runAs(owner, () => void callListener(listener, request).then(resolve))
        })
      })
    },
  }
  return own
}

const shown = [
  'partition',
  'partitions',
  'subscriptionId',
  'deliveryId',
  'sequence',
  'reason',
  'to',
  'attempt',
  'status',
]

const shortFields = (fields: Readonly<Record<string, unknown>>): string => {
  const parts = shown.flatMap(name => (fields[name] === undefined ? [] : [`${name}=${JSON.stringify(fields[name])}`]))
  return parts.length === 0 ? '' : ` (${parts.join(' ')})`
}
