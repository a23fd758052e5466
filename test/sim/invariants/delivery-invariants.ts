import type { Invariant, Truth } from './truth.ts'
import { isFinal } from './truth.ts'
import { meant } from './matching.ts'

const rowId = (eventId: string, subscriptionId: string) => `${eventId}.${subscriptionId}`

/** A message is acknowledged only when every subscription that it is meant for has a durable row, or when it is kept aside. */
export const acknowledgedAfterRows = (truth: Truth): Invariant => ({
  onAck: sequence => {
    const message = truth.messages.get(sequence)
    if (message === undefined || message.isControl || truth.aside.has(sequence)) return
    const { event } = message
    if (event === null)
      return truth.broken(
        'ack-before-row',
        `message ${sequence} is acknowledged, which is no event, and it is not aside`,
      )
    for (const id of truth.versions.keys()) {
      if (!meant(truth, id, message).must || truth.rows.has(rowId(String(event['id']), id))) continue
      truth.broken(
        'ack-before-row',
        `${String(event['id'])} (message ${sequence}) is acknowledged, and ${truth.keyOf(id)} has no row for it`,
      )
    }
  },
})

/** A subscription receives only events that were accepted after it was created, and that it asked for. */
export const onlyWhatWasAskedFor = (truth: Truth): Invariant => ({
  onChange: ({ collection, type, doc }) => {
    if (collection !== 'deliveries' || type !== 'insert' || doc === null) return
    const message = truth.messages.get(doc['streamSequence'] as number)
    const id = doc['subscriptionId'] as string
    if (message === undefined || doc['kind'] !== undefined || truth.history.replayed.has(id)) return
    if (!meant(truth, id, message).may)
      truth.broken('unwanted-row', `${truth.keyOf(id)} has a row for ${message.ref}, which it never asked for`)
  },
})

/** A final row stays final, except by a resend, a replay, or an attempt under way that reached the receiver. No row disappears. */
export const finalStaysFinal = (truth: Truth): Invariant => ({
  onChange: ({ collection, type, id, doc }, before) => {
    if (collection !== 'deliveries' || before === undefined) return
    if (type === 'delete') return truth.broken('row-removed', `the row ${String(id)} is gone`)
    const [from, to] = [before['status'], doc?.['status']]
    if (!isFinal(from) || from === to || to === 'delivered') return
    const again =
      truth.history.touchedRows.has(String(id)) || truth.history.replayed.has(String(before['subscriptionId']))
    if (!again) truth.broken('final-row-changed', `the row ${String(id)} was ${String(from)} and became ${String(to)}`)
  },
})

/** What a row says was delivered, its endpoint has answered with success; and no attempt is lost from a row. */
export const deliveredWasSeen = (truth: Truth): Invariant => {
  const seen = new Set<string>()
  return {
    onAnswer: ({ subscription, eventId, answer }) => {
      if (typeof answer === 'number' && answer >= 200 && answer < 300) seen.add(`${eventId}@${subscription}`)
    },
    onChange: ({ collection, id, doc }, before) => {
      if (
        collection !== 'deliveries' ||
        doc === null ||
        doc['status'] !== 'delivered' ||
        before?.['status'] === 'delivered'
      )
        return
      const key = truth.keyOf(doc['subscriptionId'] as string)
      if (!seen.has(`${String(doc['eventId'])}@${key}`))
        truth.broken('delivered-unseen', `the row ${String(id)} is delivered, and ${key} never answered with success`)
    },
  }
}

/** No more attempts than the retry policy has, and the attempts of a row only grow. */
export const attemptsWithinPolicy = (truth: Truth): Invariant => ({
  onChange: ({ collection, id, doc }, before) => {
    if (collection !== 'deliveries' || doc === null) return
    const attempts = doc['attempts'] as readonly { error?: string }[]
    const had = (before?.['attempts'] as readonly unknown[] | undefined)?.length ?? 0
    if (attempts.length < had)
      truth.broken('attempts-lost', `the row ${String(id)} had ${had} attempts and has ${attempts.length}`)
    const subscription = truth.versions
      .get(String(doc['subscriptionId']))
      ?.findLast(({ doc: stored }) => stored !== null)?.doc
    const most = (subscription?.['retry'] as { maxAttempts?: number } | undefined)?.maxAttempts ?? Infinity
    // Two owners may overlap at a handover, each with one attempt under way.
    const counted = attempts.filter(({ error }) => error !== 'own_fault').length - Number(doc['earlierAttempts'] ?? 0)
    if (counted > most + 1 && !truth.history.touchedRows.has(String(id)))
      truth.broken('too-many-attempts', `the row ${String(id)} has ${counted} attempts, and its policy ${most}`)
  },
})

/**
 * An event is posted again after a success only by a resend, a replay, or when a fault met the delivery before its row was durable. `whileMs`: a fault
 * shows for a while after its end.
 */
export const noNeedlessDuplicates = (truth: Truth): Invariant => {
  const succeeded = new Map<string, { from: string; startedAt: number; answeredAt: number }>()
  const durableAt = new Map<string, number>()
  return {
    onChange: ({ collection, id, doc }) => {
      if (collection === 'deliveries' && doc?.['status'] === 'delivered' && !durableAt.has(String(id)))
        durableAt.set(String(id), truth.now())
    },
    onPostEnded: ({ subscription, eventId, from, startedAt, kind }, outcome) => {
      if (kind !== 'event' || outcome.type !== 'answered' || outcome.status > 299) return
      const key = `${eventId}@${subscription}`
      if (!succeeded.has(key)) succeeded.set(key, { from: from.name, startedAt, answeredAt: truth.now() })
    },
    onPostBegun: ({ subscription, eventId, kind, startedAt, from }) => {
      const first = succeeded.get(`${eventId}@${subscription}`)
      if (kind !== 'event' || first === undefined) return
      const id = truth.history.subscriptions.get(subscription)?.id ?? ''
      const row = rowId(eventId, id)
      if (truth.history.touchedRows.has(row) || truth.history.replayed.has(id)) return
      const durable = durableAt.get(row) ?? Infinity
      const underWayUntil = Math.min(durable, startedAt)
      const excused = truth.disturbances.some(
        ({ from: begin, until }) => begin <= underWayUntil && until >= first.startedAt,
      )
      if (!excused)
        truth.broken(
          'needless-duplicate',
          `${from.name} posts ${eventId} to ${subscription}, which ${first.from} had delivered at ${Math.round(first.answeredAt)}, and no fault came in between`,
        )
    },
  }
}
