import type { Difference, Requirement } from '../domain/requirement.ts'

/**
 * Where an accepted event is when its 202 is answered: on disk, on a majority of the stream's servers, or in the memory of one that flushes later.
 * `unknown`: the server does not show its configuration to its clients, and no monitoring address was given.
 */
export type Durability =
  | { readonly kind: 'flushed' }
  | { readonly kind: 'replicated'; readonly replicas: number }
  | { readonly kind: 'delayed'; readonly everyMs: number }
  | { readonly kind: 'unknown' }

/** When a nats-server flushes what it stored: before it acknowledges it, or every so many milliseconds. Null: it did not say. */
export type ServerFlush = 'always' | number | null

/** A majority of three holds an event also when one of them loses its memory. */
const enoughReplicas = 3

export const durabilityOf = (replicas: number, servers: readonly ServerFlush[]): Durability => {
  const delays = servers.filter(each => typeof each === 'number')
  const isKnown = servers.length > 0 && !servers.includes(null)
  if (isKnown && delays.length === 0) return { kind: 'flushed' }
  if (replicas >= enoughReplicas) return { kind: 'replicated', replicas }
  return delays.length > 0 ? { kind: 'delayed', everyMs: Math.max(...delays) } : { kind: 'unknown' }
}

/** One sentence for operators. */
export const describeDurability = (durability: Durability): string => {
  switch (durability.kind) {
    case 'flushed':
      return 'on disk: nats-server flushes each event before it is answered'
    case 'replicated':
      return `on a majority of ${durability.replicas} servers`
    case 'delayed':
      return `in memory for up to ${durability.everyMs / 1_000} s: nats-server flushes at intervals, and a power cut takes what came since`
    case 'unknown':
      return 'not known: nats-server does not say whether it flushes each event; DOORBELL_NATS_MONITOR_URL lets Doorbell read it'
  }
}

interface Ports {
  /** The number of servers that hold the stream. */
  readonly replicas: () => Promise<number>
  readonly servers: () => Promise<readonly ServerFlush[]>
  /** The operator accepts that accepted events are not on disk at once. */
  readonly acceptsDelay: boolean
}

export interface Flush extends Requirement {
  /** What the last comparison found. */
  durability(): Durability
}

/** Compares what a 202 promises with what the servers do. An operator who accepts a delay is promised no more. */
export const createFlush = ({ replicas, servers, acceptsDelay }: Ports): Flush => {
  let durability: Durability = { kind: 'unknown' }
  return {
    name: 'flush',
    durability: () => durability,
    check: async () => {
      durability = durabilityOf(await replicas(), await servers())
      return durability.kind === 'delayed' && !acceptsDelay ? [delayed(durability)] : []
    },
  }
}

const delayed = ({ everyMs }: Extract<Durability, { kind: 'delayed' }>): Difference => ({
  system: 'nats',
  object: 'sync_interval of nats-server',
  difference: `is ${everyMs / 1_000} s, not always`,
  outcome: 'broken',
  promise: 'An event that was answered 202 survives a power cut of its server.',
  remedy: flushRemedy,
  refusesEvents: false,
})

export const flushRemedy =
  'Set `sync_interval: always` in the jetstream block of nats-server, or keep the stream on three servers (DOORBELL_STREAM_REPLICAS=3). DOORBELL_SYNC=interval accepts the risk.'
