import { loadSettings } from '../../../config/load.ts'
import { newEventId } from '../../../src/intake/event-id.ts'
import { partitionOf } from '../../../src/domain/partition.ts'
import type { ServiceSettings } from '../../../src/service/settings.ts'
import {
  acknowledgedAfterRows,
  attemptsWithinPolicy,
  deliveredWasSeen,
  finalStaysFinal,
  noNeedlessDuplicates,
  onlyWhatWasAskedFor,
} from '../invariants/delivery-invariants.ts'
import { healsInTime, nothingIsLost, oneSubscriptionForOneKey } from '../invariants/healing-invariants.ts'
import {
  changesAreObeyed,
  inFlightWithinLimit,
  onlyOwnersPost,
  orderOfVisits,
  ownFaultsMoveNoCircuit,
  withinRate,
} from '../invariants/posting-invariants.ts'
import { type Truth, type Violation } from '../invariants/truth.ts'
import { noPlant, type Plant } from '../plants/plant.ts'
import { createChance } from '../time/chance.ts'
import { fills, real, runAs, settled, simulateHost, startOfClocks } from '../time/simulated-host.ts'
import { createTimeline, newOwner, type Owner } from '../time/timeline.ts'
import { createClients } from './clients.ts'
import { createEndpoints } from './endpoints.ts'
import { breakSomething } from './faults.ts'
import { newHistory } from './history.ts'
import { createServers } from './model-servers.ts'
import { createObserver } from './observer.ts'
import type { Plan } from './plan.ts'
import { createProcess, type Process } from './processes.ts'
import { createTrace } from './trace.ts'
import { giveSpansIds } from './tracing.ts'

export interface RunResult {
  readonly plan: Plan
  readonly violations: readonly Violation[]
  readonly trace: readonly string[]
  /** The same for the same run. */
  readonly digest: string
  readonly virtualMs: number
  readonly steps: number
  readonly tookMs: number
  readonly counts: Readonly<Record<string, number>>
}

const second = 1_000
const adminToken = 'operator-token-of-the-simulation'

const settingsOf = (plan: Plan): ServiceSettings => ({
  ...loadSettings({}),
  partitions: plan.partitions,
  natsUrl: 'nats://model',
  natsMonitorUrls: [],
  mongodbUrl: 'mongodb://model',
  adminToken,
  encryptionKey: new Uint8Array(32).fill(7),
  requestsPerMinute: 1_000_000,
  eventsPerMinute: 1_000_000,
  keyRotationDays: 0,
})

/** How long a world goes on after everything is well. A circuit may stay open for longer; what waits behind it has a reason. */
const drainMs = 3 * 60 * second

/** Runs one world from its beginning until everything is well and quiet, and judges it. */
export const runPlan = async (plan: Plan, plant: Plant = noPlant, withStacks = false): Promise<RunResult> => {
  giveSpansIds()
  const began = real.elapsed()
  const timeline = createTimeline(startOfClocks)
  const chance = createChance(`${plan.seed}/run`)
  const world = newOwner('world')
  const trace = createTrace(timeline.now, startOfClocks)
  const history = newHistory()
  const processes = new Map<string, Process>()
  const lives = new Map<Owner, Process>()
  const onSignal = (owner: Owner, signal: string) => {
    const process = lives.get(owner)
    if (process !== undefined) onDeath(process, `it sent itself ${signal}`)
  }
  // A stack for each error of a cut link would cost more than everything else.
  const { stackTraceLimit } = Error
  if (!withStacks) Error.stackTraceLimit = 0
  using _stacks = { [Symbol.dispose]: () => void (Error.stackTraceLimit = stackTraceLimit) }
  using _host = simulateHost({ timeline, chance: chance.fork('host'), world, onSignal })
  const deathsBefore: unknown[] = []
  const onUnhandled = (error: unknown) => void deathsBefore.push(error)
  process.on('unhandledRejection', onUnhandled)
  using _unhandled = { [Symbol.dispose]: () => void process.off('unhandledRejection', onUnhandled) }
  refillEventIds()

  const observer = createObserver({ plan, history, trace, now: timeline.now, endpoints: () => endpoints })
  const { truth } = observer
  const underWay = new Set<string>()
  const endpoints = createEndpoints({
    timeline,
    chance: chance.fork('endpoints'),
    world,
    onBegun: post => {
      underWay.add(`${post.eventId}@${post.subscription}`)
      observer.posts.onPostBegun(post)
    },
    onEnded: (post, outcome) => {
      underWay.delete(`${post.eventId}@${post.subscription}`)
      observer.posts.onPostEnded(post, outcome)
    },
    onArrival: observer.posts.onArrival,
    onAnswer: observer.posts.onAnswer,
  })
  const servers = createServers({
    timeline,
    world,
    chance: chance.fork('servers'),
    onChange: observer.changed,
    onPublished: observer.published,
    onAcknowledged: observer.acknowledged,
    onLease: (partition, owner) => {
      trace.note(owner.name, `takes partition ${partition}`)
      owners.set(partition, { holder: owner.name, since: timeline.now() })
    },
  })
  const owners = new Map<number, { holder: string; since: number }>()
  const onDeath = (process: Process, why: string) => {
    truth.broken('process-ended', `${process.name} ends, and nobody killed it: ${why}`)
    process.kill('killed')
    timeline.after(2 * second, world, () => process.life() === null && process.start())
  }
  const settings = settingsOf(plan)
  for (const name of [...plan.apis, ...plan.workers]) {
    const role = plan.apis.includes(name) ? 'api' : 'worker'
    const started = createProcess(name, role, {
      timeline,
      world,
      servers,
      endpoints,
      trace,
      settings,
      plant,
      onDeath,
      onBorn: (owner, process) => void lives.set(owner, process),
      onErrorLine: (process, text, why) => {
        if (defects.has(text)) truth.broken('defect', `${process.name}: ${text}: ${why}`)
      },
    })
    processes.set(name, started)
  }
  const all = [...processes.values()]
  observer.watch(invariantsOf(truth, all, servers, owners))
  const clients = createClients({
    timeline,
    world,
    chance: chance.fork('clients'),
    apis: all.filter(({ role }) => role === 'api'),
    adminToken,
    endpoints,
    history,
    trace,
    rowsOf: id =>
      [...(truth.rowsOfSubscription.get(id) ?? [])].map(row => ({
        id: row,
        status: String(truth.rows.get(row)?.['status']),
        isUnderWay: underWay.has(`${String(truth.rows.get(row)?.['eventId'])}@${truth.keyOf(id)}`),
      })),
  })

  const undo = new Set<() => void>()
  runAs(world, () => {
    all.forEach((process, index) => timeline.after(index * 40, world, process.start))
    timeline.after(2 * second, world, () => void clients.createTenants(plan.tenants))
    for (const wish of plan.wishes) timeline.after(wish.at, world, () => clients.begin(wish))
    for (const fault of plan.faults)
      timeline.after(fault.at, world, () => {
        const disturbance = { fault, from: timeline.now(), until: timeline.now() + fault.forMs + graceMs }
        truth.disturbances.push(disturbance)
        const end = breakSomething({ timeline, processes, servers, trace }, fault)
        const ended = () => {
          if (undo.delete(ended)) end()
        }
        undo.add(ended)
        timeline.after(fault.forMs, world, ended)
      })
    timeline.after(plan.healsAt, world, () => {
      trace.note('world', 'everything is well from here on')
      undo.forEach(end => end())
      for (const process of all) if (process.life() === null) process.start()
      endpoints.heal()
      observer.healed()
    })
  })

  const healsAt = startOfClocks + plan.healsAt
  let nextSecond = startOfClocks + second
  for (;;) {
    const task = timeline.next(nextSecond)
    if (task === null) {
      nextSecond += second
      observer.second()
      for (const error of deathsBefore.splice(0))
        truth.broken('defect', `a promise was rejected and not handled: ${stackOf(error)}`)
      if (
        timeline.now() >= healsAt + drainMs ||
        observer.violations.filter(({ known }) => known === null).length >= mostViolations
      )
        break
      continue
    }
    const { run } = task
    task.run = null
    if (run !== null) runAs(task.owner, run)
    await settled()
  }
  observer.end()
  return {
    plan,
    violations: observer.violations,
    trace: trace.lines(),
    digest: trace.digest(),
    virtualMs: timeline.now() - startOfClocks,
    steps: timeline.steps(),
    tookMs: real.elapsed() - began,
    counts: countsOf(truth),
  }
}

/** A fault shows for a while after its end: leases run out, connections come back. */
const graceMs = 15 * second
const mostViolations = 20

/** Lines of a log that a person would have to look into. */
const defects = new Set([
  'a message failed',
  'a supervisor failed',
  'a partition failed',
  'a partition failed too often: the process stops',
  'uncaught error',
])

const stackOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error))

/** The module draws random bytes for 64 ids at a time: those of an earlier run would show in this one. */
const refillEventIds = (): void => {
  const before = fills()
  while (fills() === before) newEventId(0)
  for (let used = 1; used < 64; used += 1) newEventId(0)
}

const invariantsOf = (
  truth: Truth,
  processes: readonly Process[],
  servers: { unacknowledged(): readonly number[] },
  owners: ReadonlyMap<number, { holder: string; since: number }>,
) => [
  acknowledgedAfterRows(truth),
  onlyWhatWasAskedFor(truth),
  finalStaysFinal(truth),
  deliveredWasSeen(truth),
  attemptsWithinPolicy(truth),
  noNeedlessDuplicates(truth),
  changesAreObeyed(truth),
  onlyOwnersPost(truth, tenant => owners.get(partitionOf(tenant, truth.plan.partitions)) ?? null),
  inFlightWithinLimit(truth),
  withinRate(truth),
  orderOfVisits(truth),
  ownFaultsMoveNoCircuit(truth),
  healsInTime(truth, {
    unacknowledged: servers.unacknowledged,
    directories: () =>
      processes.flatMap(process => {
        const directory = process.life()?.stores?.directory
        if (directory === undefined) return []
        return [{ process: process.name, held: new Map([...directory.all()].map(({ id, version }) => [id, version])) }]
      }),
  }),
  nothingIsLost(truth),
  oneSubscriptionForOneKey(truth),
]

const countsOf = (truth: Truth): Record<string, number> => {
  const counts: Record<string, number> = {
    accepted: truth.history.accepted.length,
    posts: truth.posts.length,
    subscriptions: truth.versions.size,
  }
  for (const row of truth.rows.values()) counts[String(row['status'])] = (counts[String(row['status'])] ?? 0) + 1
  return counts
}
