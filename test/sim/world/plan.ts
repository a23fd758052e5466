/** What happens in a run, decided before it begins: who lives in the world, what they ask for, and what breaks. All of it follows from the seed. */
import { type Chance, createChance } from '../time/chance.ts'
import { type Character, characters } from './endpoints.ts'

export type ProcessName = string
export type ServerName = 'mongod' | 'nats'

export interface SubscriptionPlan {
  readonly key: string
  readonly tenant: string
  readonly character: Character
  readonly eventTypes: readonly string[]
  readonly site?: string
  readonly ordering: 'none' | 'visit'
  readonly ratePerSecond?: number
  readonly maxInFlight: number
  readonly timeoutMs: number
  readonly maxAttempts: number
}

/** Something that a client asks of the API at a moment. Client requests are repeated until they are answered. */
export type Wish = { readonly at: number } & (
  | {
      readonly type: 'event'
      readonly tenant: string
      readonly id: string
      readonly visitId: string
      readonly eventType: string
      readonly site: string
    }
  | { readonly type: 'create'; readonly subscription: SubscriptionPlan }
  | { readonly type: 'pause' | 'resume' | 'delete'; readonly key: string }
  | { readonly type: 'move'; readonly key: string; readonly version: number; readonly character: Character }
  | { readonly type: 'refilter'; readonly key: string; readonly site: string }
  | { readonly type: 'resend' | 'cancel'; readonly key: string; readonly chance: number }
  | { readonly type: 'replay'; readonly key: string; readonly backMs: number }
)

/** Something that breaks, and when it is well again. */
export type Fault = { readonly at: number; readonly forMs: number } & (
  | { readonly type: 'kill'; readonly process: ProcessName; readonly how: 'killed' | 'vanished' }
  | { readonly type: 'restart'; readonly process: ProcessName }
  | { readonly type: 'pause'; readonly process: ProcessName }
  | {
      readonly type: 'cut'
      readonly process: ProcessName
      readonly server: ServerName
      readonly how: 'silent' | 'closed'
    }
  | { readonly type: 'delay'; readonly process: ProcessName; readonly server: ServerName; readonly ms: number }
  | { readonly type: 'loseAnswers'; readonly process: ProcessName; readonly server: ServerName; readonly count: number }
  | { readonly type: 'skew'; readonly process: ProcessName; readonly ms: number }
  | { readonly type: 'failover' }
  | { readonly type: 'natsRestart' }
  | { readonly type: 'streamFull' }
  | { readonly type: 'poison'; readonly tenant: string; readonly form: 'tenant' | 'json' | 'utf8' | 'schema' | 'type' }
)

export interface Plan {
  readonly seed: string
  readonly workers: readonly ProcessName[]
  readonly apis: readonly ProcessName[]
  readonly partitions: number
  readonly tenants: readonly string[]
  /** Faults and load end here; from here on everything is well. */
  readonly healsAt: number
  readonly wishes: readonly Wish[]
  readonly faults: readonly Fault[]
}

const second = 1_000
export const sites = ['brussels', 'ghent', 'utrecht'] as const
const visitTypes = ['visit.created', 'visit.updated', 'visit.checked_in', 'visit.checked_out'] as const

export const planOf = (seed: string): Plan => {
  const chance = createChance(seed)
  const workers = ['worker-1', 'worker-2', 'worker-3']
  const apis = ['api-1', 'api-2']
  const tenants = ['acme', 'bolt', 'cern', 'dune', 'echo']
  const healsAt = 420 * second
  const who = { workers, apis, tenants }
  return {
    seed,
    ...who,
    partitions: 4,
    healsAt,
    wishes: wishesOf(chance.fork('wishes'), tenants, healsAt),
    faults: faultsOf(chance.fork('faults'), who, healsAt),
  }
}

const subscriptionOf = (chance: Chance, key: string, tenant: string): SubscriptionPlan => ({
  key,
  tenant,
  character: chance.happens(0.35) ? 'well' : chance.pick(characters),
  eventTypes: chance.pick([
    ['visit.*'],
    ['visit.checked_in', 'visit.checked_out'],
    ['*'],
    ['visit.checked_in'],
  ] as const),
  ...(chance.happens(0.25) ? { site: chance.pick(sites) } : {}),
  ordering: chance.happens(0.5) ? 'visit' : 'none',
  ...(chance.happens(0.2) ? { ratePerSecond: chance.between(2, 10) } : {}),
  maxInFlight: chance.pick([1, 2, 8, 64]),
  timeoutMs: chance.pick([1_000, 2_000, 5_000]),
  maxAttempts: chance.pick([3, 5, 8]),
})

const wishesOf = (chance: Chance, tenants: readonly string[], endsAt: number): readonly Wish[] => {
  const wishes: Wish[] = []
  const keys: string[] = []
  const create = (at: number, tenant: string) => {
    const key = `s${keys.length + 1}`
    keys.push(key)
    wishes.push({ at, type: 'create', subscription: subscriptionOf(chance, key, tenant) })
  }
  for (let each = 0; each < 16; each += 1) create(8 * second + each * 50, tenants[each % tenants.length] as string)
  const visits = chance.between(70, 110)
  for (let visit = 0; visit < visits; visit += 1) {
    const tenant = chance.pick(tenants)
    const site = chance.pick(sites)
    let at = chance.between(12 * second, endsAt - 20 * second)
    const quick = chance.happens(0.6)
    for (const [index, eventType] of visitTypes.slice(chance.between(0, 2)).entries()) {
      wishes.push({
        at,
        type: 'event',
        tenant,
        id: `e${visit + 1}-${index + 1}`,
        visitId: `v${visit + 1}`,
        eventType,
        site,
      })
      at += quick ? chance.between(0, 400) : chance.between(500, 8 * second)
    }
  }
  const changes = chance.between(8, 24)
  let version = 1
  for (let change = 0; change < changes; change += 1) {
    const at = chance.between(20 * second, endsAt - 30 * second)
    const key = chance.pick(keys)
    switch (chance.between(0, 9)) {
      case 0:
      case 1:
        create(at, chance.pick(tenants))
        break
      case 2:
      case 3:
        wishes.push({ at, type: 'pause', key })
        if (chance.happens(0.9)) wishes.push({ at: at + chance.between(1, 60) * second, type: 'resume', key })
        break
      case 4:
        wishes.push({ at, type: 'delete', key })
        break
      case 5:
        version += 1
        wishes.push({
          at,
          type: 'move',
          key,
          version,
          character: chance.happens(0.5) ? 'well' : chance.pick(characters),
        })
        break
      case 6:
        wishes.push({ at, type: 'refilter', key, site: chance.pick(sites) })
        break
      case 7:
        wishes.push({ at, type: 'resend', key, chance: chance.next() })
        break
      case 8:
        wishes.push({ at, type: 'cancel', key, chance: chance.next() })
        break
      default:
        wishes.push({ at, type: 'replay', key, backMs: chance.between(10, 300) * second })
    }
  }
  for (let each = 0; each < 15; each += 1) {
    const at = chance.between(20 * second, endsAt - 10 * second)
    wishes.push({ at, type: 'cancel', key: chance.pick(keys), chance: chance.next() })
  }
  return wishes.toSorted((one, other) => one.at - other.at)
}

interface Who {
  readonly workers: readonly ProcessName[]
  readonly apis: readonly ProcessName[]
  readonly tenants: readonly string[]
}

const faultsOf = (chance: Chance, { workers, apis, tenants }: Who, endsAt: number): readonly Fault[] => {
  const servers = ['mongod', 'nats'] as const
  const one = (): Fault => {
    const at = chance.between(15 * second, endsAt - 90 * second)
    const process = chance.happens(0.75) ? chance.pick(workers) : chance.pick(apis)
    const forMs = chance.happens(0.3) ? chance.between(200, 3_000) : chance.between(3, 40) * second
    const server = chance.pick(servers)
    switch (chance.between(0, 15)) {
      case 0:
      case 1:
      case 2:
        return { at, type: 'kill', process, forMs, how: chance.happens(0.7) ? 'killed' : 'vanished' }
      case 3:
        return { at, type: 'restart', process, forMs: chance.between(500, 5_000) }
      case 4:
      case 5:
        return { at, type: 'pause', process, forMs }
      case 6:
      case 7:
      case 8:
        return { at, type: 'cut', process, server, forMs, how: chance.pick(['silent', 'closed'] as const) }
      case 9:
        return { at, type: 'delay', process, server, forMs, ms: chance.pick([20, 200, 2_000]) }
      case 10:
        return {
          at,
          type: 'loseAnswers',
          process,
          server,
          forMs: chance.between(50, 1_500),
          count: chance.between(1, 5),
        }
      case 11:
        return { at, type: 'failover', forMs: chance.between(1, 12) * second }
      case 12:
        return { at, type: 'natsRestart', forMs: chance.between(1, 15) * second }
      case 13:
        return { at, type: 'streamFull', forMs }
      case 14:
        return { at, type: 'skew', process, forMs, ms: chance.pick([-120_000, -2_000, 2_000, 120_000]) }
      default:
        return {
          at,
          type: 'poison',
          forMs: 0,
          tenant: chance.pick(tenants),
          form: chance.pick(['tenant', 'json', 'utf8', 'schema', 'type'] as const),
        }
    }
  }
  return Array.from({ length: chance.between(2, 9) }, one).toSorted((first, other) => first.at - other.at)
}
