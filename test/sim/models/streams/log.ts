import { partitionOf } from '../../../../src/domain/partition.ts'

/** A message as the stream stores it. */
export interface Stored {
  readonly sequence: number
  readonly partition: number
  readonly tenant: string
  readonly type: string
  readonly at: number
  /** Null: the publisher gave none, and the stream finds no duplicates. */
  readonly id: string | null
  readonly body: string | Uint8Array
  readonly traceparent: string | null
  /** True once it was erased, purged or too old. */
  isGone: boolean
}

export type Incoming = Pick<Stored, 'tenant' | 'type' | 'id' | 'body' | 'traceparent'>

/** The messages of the stream, in their order. */
export interface Log {
  readonly lastSequence: number
  readonly messages: number
  readonly bytes: number
  readonly firstAt: number | null
  append(incoming: Incoming, at: number): { readonly message: Stored; readonly isDuplicate: boolean }
  get(sequence: number): Stored | null
  /** The messages of a partition that are still there, after this sequence. */
  after(partition: number, sequence: number): Iterable<Stored>
  /** A tenant's messages, oldest first. */
  ofTenant(tenant: string): Iterable<Stored>
  remove(message: Stored): boolean
  /** Removes messages that are older than this moment. */
  expire(before: number): void
}

/** About what the server counts: the body, the subject and the headers. */
export const sizeOf = ({ body }: Pick<Stored, 'body'>): number => body.length + 100

/** As `streamConfig` sets it. */
const duplicateWindowMs = 15 * 60_000

export const createLog = (partitions: number, firstSequence = 1): Log => {
  const bySequence = new Map<number, Stored>()
  const byPartition: Stored[][] = Array.from({ length: partitions }, () => [])
  const byTenant = new Map<string, Stored[]>()
  const recent = new Map<string, { readonly sequence: number; readonly at: number }>()
  let lastSequence = firstSequence - 1
  let bytes = 0

  const remove = (message: Stored): boolean => {
    if (message.isGone) return false
    message.isGone = true
    bySequence.delete(message.sequence)
    bytes -= sizeOf(message)
    return true
  }
  const forgetIds = (now: number) => {
    for (const [id, { at }] of recent) {
      if (at > now - duplicateWindowMs) return
      recent.delete(id)
    }
  }

  return {
    get lastSequence() {
      return lastSequence
    },
    get messages() {
      return bySequence.size
    },
    get bytes() {
      return bytes
    },
    get firstAt() {
      return bySequence.values().next().value?.at ?? null
    },
    append: (incoming, at) => {
      const { tenant, id } = incoming
      forgetIds(at)
      const key = id === null ? null : `${tenant}:${id}`
      const known = key === null ? undefined : recent.get(key)
      if (known !== undefined) {
        const message = { ...incoming, sequence: known.sequence, partition: 0, at: known.at, isGone: true }
        return { message, isDuplicate: true }
      }
      lastSequence += 1
      const partition = partitionOf(tenant, partitions)
      const message: Stored = { ...incoming, sequence: lastSequence, partition, at, isGone: false }
      if (key !== null) recent.set(key, { sequence: lastSequence, at })
      bySequence.set(lastSequence, message)
      byPartition[partition]?.push(message)
      const ofTenant = byTenant.get(tenant)
      if (ofTenant === undefined) byTenant.set(tenant, [message])
      else ofTenant.push(message)
      bytes += sizeOf(message)
      return { message, isDuplicate: false }
    },
    get: sequence => bySequence.get(sequence) ?? null,
    *after(partition, sequence) {
      const messages = byPartition[partition] ?? []
      for (let index = firstAfter(messages, sequence); index < messages.length; index += 1) {
        const message = messages[index]
        if (message !== undefined && !message.isGone) yield message
      }
    },
    *ofTenant(tenant) {
      for (const message of byTenant.get(tenant) ?? []) if (!message.isGone) yield message
    },
    remove,
    expire: before => {
      for (const message of bySequence.values()) {
        if (message.at >= before) return
        remove(message)
      }
    },
  }
}

/** The index of the first message with a higher sequence. */
const firstAfter = (messages: readonly Stored[], sequence: number): number => {
  let [low, high] = [0, messages.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((messages[middle]?.sequence ?? 0) <= sequence) low = middle + 1
    else high = middle
  }
  return low
}
