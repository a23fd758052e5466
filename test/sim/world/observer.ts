import type { Disturbance, Doc, Invariant, Truth, Version, Violation } from '../invariants/truth.ts'
import type { Endpoints, Post } from './endpoints.ts'
import { knownFault } from '../invariants/known-faults.ts'
import { keyOfUrl } from './endpoints.ts'
import type { History } from './history.ts'
import { urlOf } from './history.ts'
import type { Plan } from './plan.ts'
import type { Change, Message } from './servers.ts'
import type { Trace } from './trace.ts'

/** Keeps what happens in the world, and shows each step to the invariants that it concerns. */
export interface Observer {
  readonly truth: Truth
  /** The invariants look from now on. */
  watch(invariants: readonly Invariant[]): void
  readonly violations: readonly Violation[]
  changed(change: Change): void
  published(message: Message): void
  acknowledged(sequence: number): void
  readonly posts: Pick<Required<Invariant>, 'onPostBegun' | 'onArrival' | 'onAnswer' | 'onPostEnded'>
  second(): void
  end(): void
  healed(): void
}

interface Ports {
  readonly plan: Plan
  readonly history: History
  readonly trace: Trace
  readonly now: () => number
  readonly endpoints: () => Endpoints
}

export const createObserver = ({ plan, history, trace, now, endpoints }: Ports): Observer => {
  const rows = new Map<string, Doc>()
  const rowsOfSubscription = new Map<string, Set<string>>()
  const health = new Map<string, Doc>()
  const aside = new Set<number>()
  const versions = new Map<string, Version[]>()
  const messages = new Map<number, Message>()
  const configured = new Map<string, { sequence: number; version: number | null }[]>()
  const posts: Post[] = []
  const violations: Violation[] = []
  const disturbances: Disturbance[] = []
  let healedAt = Infinity
  let invariants: readonly Invariant[] = []

  const keyOf = (id: string): string => {
    const doc = versions.get(id)?.findLast(({ doc: stored }) => stored !== null)?.doc
    return doc === undefined || doc === null ? id : keyOfUrl(doc['url'] as string)
  }

  const truth: Truth = {
    plan,
    history,
    now,
    rows,
    rowsOfSubscription,
    health,
    aside,
    versions,
    messages,
    configured,
    posts,
    disturbances,
    keyOf,
    healedAt: () => healedAt,
    charactersOf: key =>
      Array.from({ length: 30 }, (_, index) => endpoints().characterOf(urlOf(key, index + 1))).filter(
        character => character !== undefined,
      ),
    broken: (invariant, text, since = now()) => {
      const known = knownFault(truth, invariant, since)
      violations.push({ at: now(), invariant, text, known })
      trace.note(known === null ? 'BROKEN' : 'KNOWN', `${invariant}: ${text}`)
    },
  }

  const keep = ({ collection, type, id, doc }: Change): Doc | undefined => {
    const key = String(id)
    switch (collection) {
      case 'deliveries': {
        const before = rows.get(key)
        if (doc === null) rows.delete(key)
        else {
          rows.set(key, doc)
          const subscription = String(doc['subscriptionId'])
          const of = rowsOfSubscription.get(subscription) ?? new Set()
          rowsOfSubscription.set(subscription, of.add(key))
        }
        return before
      }
      case 'subscriptions':
        versions.set(key, [...(versions.get(key) ?? []), { from: now(), doc: type === 'delete' ? null : doc }])
        return undefined
      case 'health':
        if (doc === null) health.delete(key)
        else health.set(key, doc)
        return undefined
      case 'aside':
        if (doc !== null) aside.add(id as number)
        return undefined
      default:
        return undefined
    }
  }

  return {
    truth,
    violations,
    watch: watched => void (invariants = watched),
    changed: change => {
      const before = keep(change)
      noteRow(trace, keyOf, change, before)
      for (const { onChange } of invariants) onChange?.(change, before)
    },
    published: message => {
      messages.set(message.sequence, message)
      if (message.type === 'doorbell.configured') {
        const { id, version } = JSON.parse(message.text) as { id: string; version: number | null }
        configured.set(id, [...(configured.get(id) ?? []), { sequence: message.sequence, version }])
      }
      for (const { onMessage } of invariants) onMessage?.(message)
    },
    acknowledged: sequence => {
      for (const { onAck } of invariants) onAck?.(sequence)
    },
    posts: {
      onPostBegun: post => invariants.forEach(({ onPostBegun }) => onPostBegun?.(post)),
      onPostEnded: (post, outcome) => {
        const result = outcome.type === 'answered' ? outcome.status : outcome.error
        trace.note(post.from.name, `POST ${post.eventId} to ${post.subscription} #${post.attempt}: ${result}`)
        invariants.forEach(({ onPostEnded }) => onPostEnded?.(post, outcome))
      },
      onArrival: post => {
        posts.push(post)
        invariants.forEach(({ onArrival }) => onArrival?.(post))
      },
      onAnswer: post => invariants.forEach(({ onAnswer }) => onAnswer?.(post)),
    },
    second: () => invariants.forEach(({ onSecond }) => onSecond?.()),
    end: () => invariants.forEach(({ onEnd }) => onEnd?.()),
    healed: () => void (healedAt = now()),
  }
}

const noteRow = (trace: Trace, keyOf: (id: string) => string, change: Change, before: Doc | undefined): void => {
  const { collection, id, doc } = change
  if (collection === 'health' && doc !== null) {
    const { phase } = doc['circuit'] as { phase: string }
    if (phase !== 'closed') trace.note('ledger', `circuit of ${keyOf(String(id))}: ${phase}`)
  }
  if (collection !== 'deliveries') return
  const [from, to] = [before ?? null, doc].map(stateOf)
  if (from === to) return
  const [event, subscription] = String(id).split('.')
  trace.note('ledger', `${event} for ${keyOf(subscription ?? '')}: ${from ?? 'new'} → ${to ?? 'gone'}`)
}

const stateOf = (row: Doc | null): string | null => {
  if (row === null) return null
  const { status, reason } = row
  return typeof reason === 'string' ? `${String(status)}/${reason}` : String(status)
}
