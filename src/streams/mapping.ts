import type { StreamConfig, StreamUpdateConfig } from '@nats-io/jetstream'
import type { StreamNames } from './names.ts'

/** How a stream spreads what is published over its partitions. */
export interface Mapping {
  /** Null: by a mapping that is not Doorbell's. */
  readonly partitions: number | null
  /** False while the number of partitions is being changed: the stream takes nothing then. */
  readonly isOpen: boolean
  /** The last message that was stored under another number; all of those were worked on. 0: the number has always been this one. */
  readonly since: number
  /** The number before, and when it was changed, ms. Null: never. */
  readonly before: { readonly partitions: number; readonly changedAt: number } | null
}

const keys = {
  since: 'doorbell_partitions_since',
  before: 'doorbell_partitions_before',
  changedAt: 'doorbell_partitions_changed_at',
} as const

/** The server spreads tenants over so many partitions; the tenant stays in the subject behind its partition's number. */
export const mappingTo = ({ root }: StreamNames, partitions: number) => ({
  subjects: [`${root}.in.*.>`],
  subject_transform: {
    src: `${root}.in.*.>`,
    dest: `${root}.{{partition(${partitions},1)}}.{{wildcard(1)}}.>`,
  },
})

/** A stream that takes nothing: whoever publishes is told so, and sends again. */
export const closedMapping = ({ root }: StreamNames): Partial<StreamUpdateConfig> => ({ subjects: [`${root}_closed`] })

/** What the stream remembers of a change, written in the same step as the change itself. */
export const noteOfChange = (since: number, before: number, changedAt: number): Record<string, string> => ({
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
