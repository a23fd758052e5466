import type { StreamConfig, StreamUpdateConfig } from '@nats-io/jetstream'
import type { StreamNames } from './names.ts'

/** How a stream maps published subjects to partitions. */
export interface Mapping {
  /** Null: the mapping is not one of Doorbell's. */
  readonly partitions: number | null
  /** False while the number of partitions is being changed: the stream accepts nothing then. */
  readonly isOpen: boolean
  /** The last message that was stored under another number of partitions; all up to it are processed. 0: the number never changed. */
  readonly since: number
  /** The previous number, and when it was changed, ms. Null: it never changed. */
  readonly before: { readonly partitions: number; readonly changedAt: number } | null
}

const keys = {
  since: 'doorbell_partitions_since',
  before: 'doorbell_partitions_before',
  changedAt: 'doorbell_partitions_changed_at',
} as const

/** The server spreads tenants over this many partitions; in the subject, the partition's number comes before the tenant. */
export const mappingTo = ({ root }: StreamNames, partitions: number) => ({
  subjects: [`${root}.in.*.>`],
  subject_transform: {
    src: `${root}.in.*.>`,
    dest: `${root}.{{partition(${partitions},1)}}.{{wildcard(1)}}.>`,
  },
})

/** A stream that accepts nothing: publishers get an error and send again. */
export const closedMapping = ({ root }: StreamNames): Partial<StreamUpdateConfig> => ({ subjects: [`${root}_closed`] })

/** The metadata that records a change; it is written in the same request as the change. */
export const metadataOfChange = (since: number, before: number, changedAt: number): Record<string, string> => ({
  [keys.since]: String(since),
  [keys.before]: String(before),
  [keys.changedAt]: new Date(changedAt).toISOString(),
})

export const readMapping = (
  names: StreamNames,
  { subjects, subject_transform, metadata = {} }: StreamConfig,
): Mapping => {
  const [, digits = '0'] = /\{\{partition\((\d+),1\)\}\}/.exec(subject_transform?.dest ?? '') ?? []
  const wanted = mappingTo(names, Number(digits))
  const { [keys.since]: since = '0', [keys.before]: before, [keys.changedAt]: changedAt = '' } = metadata
  return {
    partitions: subject_transform?.dest === wanted.subject_transform.dest ? Number(digits) : null,
    isOpen: subjects?.join() === wanted.subjects.join(),
    since: Number(since),
    before: before === undefined ? null : { partitions: Number(before), changedAt: Date.parse(changedAt) },
  }
}
