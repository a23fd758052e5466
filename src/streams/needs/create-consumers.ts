import type { Difference } from '../../domain/requirement.ts'
import type { StreamAccess } from '../access.ts'
import { type Beginning, consumersOf, createConsumer } from '../consumers.ts'
import { readMapping } from '../mapping.ts'
import type { StreamOptions } from '../stream-config.ts'
import { inGroups, type OfPartition } from './by-partition.ts'
import { restored } from './deviation.ts'
import { noProgress } from './progress.ts'
import { renumber } from './renumber.ts'

const concurrency = 16

/** Where the consumers of a stream begin. */
export interface Beginnings {
  /** True when nothing was ever processed: there is nothing to continue. */
  readonly isNew: boolean
  knows(partition: number): boolean
  of(partition: number): Beginning
}

/** Reads where consumers have to begin: behind what was processed. A stream that was created by other means gets its numbers first. */
export const readBeginnings = async (access: StreamAccess, options: StreamOptions): Promise<Beginnings> => {
  const { manager, names } = access
  const { processed, highest } = await (options.progress ?? noProgress).load()
  await renumber(access, options, { processed, highest })
  const { state, config } = await manager.streams.info(names.stream)
  const { since } = readMapping(names, config)
  return {
    isNew: highest === null,
    knows: partition => processed.has(partition),
    of: partition => {
      const to = processed.get(partition)
      return { after: Math.max(since, to ?? 0), inHandTo: to === undefined ? 0 : state.last_seq }
    },
  }
}

/** Creates the consumers that are missing. Returns those that were lost; a new stream has lost none. */
export const createConsumers = async (
  access: StreamAccess,
  options: StreamOptions,
  beforeEachGroup: () => Promise<void> = () => Promise.resolve(),
): Promise<Difference[]> => {
  const { manager, names } = access
  const existing = await consumersOf(manager, names)
  const missing = Array.from({ length: options.partitions }, (_, partition) => partition).filter(
    partition => !existing.has(partition),
  )
  if (missing.length === 0) return []
  const beginnings = await readBeginnings(access, options)
  const lost: OfPartition[] = []
  for (let first = 0; first < missing.length; first += concurrency) {
    await beforeEachGroup()
    const group = missing.slice(first, first + concurrency)
    const created = await Promise.all(
      group.map(partition => createConsumer(manager, names, options, partition, beginnings.of(partition))),
    )
    group.forEach((partition, index) => created[index] === true && lost.push([partition, [isMissing]]))
  }
  return beginnings.isNew ? [] : inGroups(names.stream, lost)
}

const isMissing = restored(
  '',
  { difference: 'is missing', promise: 'Every event reaches the worker of its partition.' },
  'find out who removed it; it continues after the last message that was processed',
)
