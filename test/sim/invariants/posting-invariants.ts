import { staleAfterMs } from '../../../src/ledger/freshness.ts'
import type { PostBegun } from '../world/endpoints.ts'
import type { Asked } from '../world/history.ts'
import type { Invariant, Truth } from './truth.ts'

/** How long a change of a subscription may take until no attempt begins that contradicts it. */
const inForceWithinMs = 5_000
/** A process that hardly hears MongoDB decides by what it knew for so long (src/ledger/freshness.ts), and the changes need their way to it. */
const deafWithinMs = staleAfterMs + inForceWithinMs

const boundOf = (truth: Truth, { from }: PostBegun): number => {
  const [name] = from.name.split('.')
  const isDeaf = truth.disturbances.some(
    ({ fault, until }) =>
      until > truth.now() &&
      (fault.type === 'failover' ||
        ('process' in fault &&
          fault.process === name &&
          (fault.type === 'pause' || ('server' in fault && fault.server === 'mongod')))),
  )
  return isDeaf ? deafWithinMs : inForceWithinMs
}

/** Nothing is posted to a subscription that was deleted, paused or given another address more than five seconds ago. */
export const changesAreObeyed = (truth: Truth): Invariant => ({
  onPostBegun: post => {
    if (post.kind === 'test') return
    const known = truth.history.subscriptions.get(post.subscription)
    if (known === undefined) return
    const why = contradiction(known.asked, post, boundOf(truth, post))
    if (why !== null)
      truth.broken('posted-after-change', `${post.from.name} posts ${post.eventId} to ${post.subscription}, ${why}`)
  },
})

const contradiction = (asked: readonly Asked[], { url, startedAt }: PostBegun, withinMs: number): string | null => {
  const past = (each: Asked | undefined): each is Asked =>
    each !== undefined && !each.refused && each.answeredAt !== null && each.answeredAt < startedAt - withinMs
  const ago = (each: Asked) => `${Math.round(startedAt - (each.answeredAt as number))} ms ago`
  const deleted = asked.find(({ what }) => what === 'delete')
  if (past(deleted)) return `which was deleted ${ago(deleted)}`
  const switched = asked.filter(({ what }) => what === 'pause' || what === 'resume').at(-1)
  if (switched?.what === 'pause' && past(switched)) return `which was paused ${ago(switched)}`
  const moved = asked.filter(({ what }) => what === 'move').at(-1)
  if (past(moved) && moved.url !== url) return `whose address was changed ${ago(moved)}`
  return null
}

/** How long after a takeover the previous owner may still begin an attempt. */
const overlapMs = 2_000

/** Only the owner of a partition begins attempts for its tenants. */
export const onlyOwnersPost = (
  truth: Truth,
  ownerAt: (tenant: string) => { readonly holder: string; readonly since: number } | null,
): Invariant => ({
  onPostBegun: ({ subscription, eventId, kind, from, startedAt }) => {
    const tenant = truth.history.subscriptions.get(subscription)?.plan.tenant
    if (tenant === undefined || kind === 'test') return
    const owner = ownerAt(tenant)
    if (owner === null || owner.holder === from.name || startedAt - owner.since <= overlapMs) return
    truth.broken(
      'foreign-post',
      `${from.name} posts ${eventId} to ${subscription}, whose partition ${owner.holder} has owned for ${Math.round(startedAt - owner.since)} ms`,
    )
  },
})

/** No process has more attempts under way for a subscription than it allows. */
export const inFlightWithinLimit = (truth: Truth): Invariant => {
  const underWay = new Map<string, number>()
  const keyOf = ({ from, subscription }: PostBegun) => `${from.name} ${subscription}`
  return {
    onPostBegun: post => {
      const count = (underWay.get(keyOf(post)) ?? 0) + 1
      underWay.set(keyOf(post), count)
      const most = truth.history.subscriptions.get(post.subscription)?.plan.maxInFlight ?? Infinity
      if (count > most)
        truth.broken(
          'in-flight',
          `${post.from.name} has ${count} attempts under way to ${post.subscription}, which allows ${most}`,
        )
    },
    onPostEnded: post => void underWay.set(keyOf(post), (underWay.get(keyOf(post)) ?? 1) - 1),
  }
}

/** A process sends a subscription at most 1.1 times its rate in any second. */
export const withinRate = (truth: Truth): Invariant => {
  const recent = new Map<string, number[]>()
  return {
    onPostBegun: post => {
      const rate = truth.history.subscriptions.get(post.subscription)?.plan.ratePerSecond
      if (rate === undefined || post.kind === 'test') return
      const key = `${post.from.name} ${post.subscription}`
      const begun = (recent.get(key) ?? []).filter(at => at > post.startedAt - 1_000)
      begun.push(post.startedAt)
      recent.set(key, begun)
      const most = Math.max(1, rate * 0.1) + rate
      if (begun.length > Math.floor(most) + 1)
        truth.broken(
          'over-rate',
          `${post.from.name} began ${begun.length} attempts to ${post.subscription} in a second, whose rate is ${rate}`,
        )
    },
  }
}

/** For a subscription with the order of visits, no event's first attempt arrives after the first attempt of a later event of its visit. */
export const orderOfVisits = (truth: Truth): Invariant => {
  const arrived = new Set<string>()
  const latest = new Map<string, { sequence: number; eventId: string }>()
  const sequenceOf = new Map<string, { sequence: number; visit: string }>()
  /** A row that came late may wait behind a circuit before its attempt shows it. */
  const heldSince = new Map<string, number>()
  return {
    onChange: ({ collection, type, id }) => {
      if (collection === 'deliveries' && type === 'insert') heldSince.set(String(id), truth.now())
    },
    onMessage: ({ event, sequence }) => {
      if (event !== null && !sequenceOf.has(String(event['id'])))
        sequenceOf.set(String(event['id']), { sequence, visit: String(event['visitId']) })
    },
    onArrival: ({ subscription, eventId, kind, from }) => {
      const known = truth.history.subscriptions.get(subscription)
      const place = sequenceOf.get(eventId)
      if (known?.plan.ordering !== 'visit' || place === undefined || kind !== 'event') return
      const id = known.id ?? ''
      if (truth.history.touchedRows.has(`${eventId}.${id}`) || truth.history.replayed.has(id)) return
      if (arrived.has(`${eventId}@${subscription}`)) return
      arrived.add(`${eventId}@${subscription}`)
      const key = `${place.visit}@${subscription}`
      const before = latest.get(key)
      if (before !== undefined && before.sequence > place.sequence)
        truth.broken(
          'order',
          `${from.name} posts ${eventId} to ${subscription} after ${before.eventId}, a later event of the visit ${place.visit}`,
          heldSince.get(`${eventId}.${id}`),
        )
      else latest.set(key, { sequence: place.sequence, eventId })
    },
  }
}

/** A circuit opens only for what its endpoint did: one that never failed has a closed circuit, whatever happens to us. */
export const ownFaultsMoveNoCircuit = (truth: Truth): Invariant => {
  const failed = new Set<string>()
  return {
    onPostEnded: ({ subscription }, outcome) => {
      const isFailure =
        outcome.type === 'unanswered'
          ? outcome.error !== 'own_fault' && outcome.error !== 'timeout'
          : outcome.status >= 300
      if (isFailure) failed.add(subscription)
    },
    onChange: ({ collection, id, doc }) => {
      if (collection !== 'health' || (doc?.['circuit'] as { phase?: string } | undefined)?.phase !== 'open') return
      const key = truth.keyOf(String(id))
      const characters = truth.charactersOf(key)
      if (!failed.has(key) && characters.every(each => each === 'well'))
        truth.broken('circuit-by-own-fault', `the circuit of ${key} is open, and its endpoint has never failed`)
    },
  }
}
