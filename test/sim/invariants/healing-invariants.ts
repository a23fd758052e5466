import type { Invariant, Truth, Doc } from './truth.ts'
import { isFinal } from './truth.ts'
import { meant } from './matching.ts'

/** How long the service may take after everything is well again, beyond what a retry policy waits. */
const healsWithinMs = 15_000
/** An attempt may take this long before its row is written. */
const attemptMs = 5_000

interface Processes {
  /** The directories of all processes that run: by process, the subscriptions with their versions. */
  directories(): readonly { readonly process: string; readonly held: ReadonlyMap<string, number> }[]
  /** The messages of the stream that are not acknowledged. */
  unacknowledged(): readonly number[]
}

/** After healing, every message is taken to its end in time, and each process knows the subscriptions as they are stored. */
export const healsInTime = (truth: Truth, processes: Processes): Invariant => {
  const lastSign = new Map<string, number>()
  const sign = (subscription: string) => void lastSign.set(subscription, truth.now())
  let checkedOnce = false
  return {
    onPostBegun: ({ subscription }) => sign(subscription),
    onChange: ({ collection, doc, id }) => {
      if (collection === 'deliveries' && doc !== null) sign(truth.keyOf(String(doc['subscriptionId'])))
      if (collection === 'health' || collection === 'subscriptions') sign(truth.keyOf(String(id)))
    },
    onSecond: () => {
      const now = truth.now()
      const wellFor = now - truth.healedAt()
      if (wellFor < healsWithinMs) return
      for (const [id, rows] of truth.rowsOfSubscription) checkSubscription(truth, id, rows, lastSign)
      if (wellFor < healsWithinMs + attemptMs || checkedOnce) return
      checkedOnce = true
      const old = processes
        .unacknowledged()
        .filter(sequence => (truth.messages.get(sequence)?.at ?? now) < truth.healedAt())
      if (old.length > 0)
        truth.broken(
          'unacknowledged',
          `${old.length} messages wait ${Math.round(wellFor)} ms after healing, the first is ${old[0]}`,
        )
      checkDirectories(truth, processes)
    },
  }
}

const checkDirectories = (truth: Truth, { directories }: Processes): void => {
  const stored = new Map<string, number>()
  for (const [id, versions] of truth.versions) {
    const doc = versions.at(-1)?.doc
    if (doc !== null && doc !== undefined) stored.set(id, doc['version'] as number)
  }
  for (const { process, held } of directories()) {
    for (const [id, version] of stored)
      if (held.get(id) !== version)
        truth.broken(
          'directory',
          `${process} holds version ${held.get(id) ?? 'none'} of ${truth.keyOf(id)}, and ${version} is stored`,
        )
    for (const id of held.keys())
      if (!stored.has(id)) truth.broken('directory', `${process} holds ${truth.keyOf(id)}, which is deleted`)
  }
}

/** A row that is due is worked on: something happens for its subscription, or there is a reason to wait. */
const checkSubscription = (
  truth: Truth,
  id: string,
  rows: ReadonlySet<string>,
  lastSign: ReadonlyMap<string, number>,
): void => {
  const subscription = truth.versions.get(id)?.at(-1)?.doc ?? null
  if (subscription !== null && subscription['status'] !== 'active') return
  const now = truth.now()
  const limit = now - healsWithinMs
  const key = truth.keyOf(id)
  if ((lastSign.get(key) ?? 0) > limit) return
  const circuit = truth.health.get(id)?.['circuit'] as { phase: string; until: number | null } | undefined
  if (circuit?.phase === 'open' && (circuit.until ?? 0) > limit) return
  for (const rowId of rows) {
    const row = truth.rows.get(rowId) as Doc
    if (isFinal(row['status'])) continue
    const due = row['nextAttemptAt'] as number | undefined
    if (due !== undefined && due > limit) continue
    if (due === undefined && hasEarlierOpen(truth, row, rows)) continue
    truth.broken(
      'overdue',
      `the row ${rowId} of ${key} is ${String(row['status'])} (${reasonOf(row)}), ${due === undefined ? 'and no earlier event of its visit is open' : `due for ${Math.round(now - due)} ms`}, and nothing happens`,
    )
    return
  }
}

const reasonOf = ({ reason }: Doc): string => (typeof reason === 'string' ? reason : 'without a reason')

const hasEarlierOpen = (truth: Truth, row: Doc, rows: ReadonlySet<string>): boolean => {
  for (const id of rows) {
    const other = truth.rows.get(id) as Doc
    const isEarlier =
      other['visitId'] === row['visitId'] && (other['streamSequence'] as number) < (row['streamSequence'] as number)
    if (isEarlier && !isFinal(other['status'])) return true
  }
  return false
}

/** Every accepted event is in the stream once, and has a row for each subscription that it was meant for. */
export const nothingIsLost = (truth: Truth): Invariant => ({
  onEnd: () => {
    const byRef = new Map<string, number[]>()
    for (const { ref, sequence } of truth.messages.values())
      if (ref !== '') byRef.set(ref, [...(byRef.get(ref) ?? []), sequence])
    for (const { ref } of truth.history.accepted) {
      const sequences = byRef.get(ref) ?? []
      if (sequences.length === 0) truth.broken('lost', `${ref} was answered 202, and the stream does not have it`)
      if (sequences.length > 1)
        truth.broken(
          'accepted-twice',
          `${ref} is in the stream ${sequences.length} times, as messages ${sequences.join()}`,
        )
    }
    for (const message of truth.messages.values()) {
      const { event, sequence } = message
      if (event === null || truth.aside.has(sequence)) continue
      for (const id of truth.versions.keys()) {
        const row = truth.rows.get(`${String(event['id'])}.${id}`)
        if (row === undefined && meant(truth, id, message).must)
          truth.broken('lost', `${message.ref} was meant for ${truth.keyOf(id)}, and has no row`)
        if (row !== undefined && !isFinal(row['status']) && truth.versions.get(id)?.at(-1)?.doc === null)
          truth.broken('overdue', `the row ${String(row['_id'])} waits, and its subscription is deleted`)
      }
    }
  },
})

/** A key names one request: one subscription each. */
export const oneSubscriptionForOneKey = (truth: Truth): Invariant => ({
  onEnd: () => {
    const ids = new Map<string, string[]>()
    for (const id of truth.versions.keys()) {
      const created = truth.versions.get(id)?.at(-1)?.doc
      if (created === null || created === undefined) continue
      const key = truth.keyOf(id)
      ids.set(key, [...(ids.get(key) ?? []), id])
    }
    for (const [key, several] of ids)
      if (several.length > 1)
        truth.broken('created-twice', `${key} exists ${several.length} times: ${several.join(', ')}`)
  },
})
