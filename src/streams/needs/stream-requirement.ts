import type { StreamConfig, StreamInfo } from '@nats-io/jetstream'
import type { Difference, Requirement } from '../../domain/requirement.ts'
import type { StreamAccess } from '../access.ts'
import { consumersOf } from '../consumers.ts'
import type { Exclusively } from '../maintenance-lock.ts'
import { readMapping } from '../mapping.ts'
import { orMissing } from '../missing.ts'
import { streamConfig, type StreamOptions } from '../stream-config.ts'
import { applyChanges } from './apply.ts'
import { broken, restored } from './deviation.ts'
import { droppedUnprocessed, noProgress } from './progress.ts'
import { createStream } from './renumber.ts'
import { keptChanges, streamDeviations } from './stream-rules.ts'

/** The stream with its settings. What an operator changed and no promise depends on stays. */
export const streamRequirement = (
  access: StreamAccess,
  options: StreamOptions,
  exclusively: Exclusively,
): Requirement => ({
  name: 'stream',
  check: () =>
    access.answered(async () => {
      const found = await orMissing(access.manager.streams.info(access.names.stream))
      if (found === null) return replaceMissing(access, options)
      const deviations = await deviationsNow(access, options, found)
      // A change of the number of partitions closes the stream for a moment, under this lock.
      const differences = deviations.length === 0 ? [] : await exclusively(() => restoreSettings(access, options))
      return [...keptOf(found), ...differences]
    }),
})

const objectOf = (stream: string): string => `stream ${stream}`

/** Creates the stream. Returns a difference when one was lost, and none for the first one. */
export const replaceMissing = async (access: StreamAccess, options: StreamOptions): Promise<Difference[]> => {
  const progress = await (options.progress ?? noProgress).load()
  const isOurs = await createStream(access, options, progress)
  if (!isOurs || progress.highest === null) return []
  const since = new Date(progress.highest.at).toISOString()
  const remedy =
    `find out who removed it; its numbers continue. Events that had no row when it was lost are gone: publishers that ` +
    `keep theirs should send again what they sent shortly before ${since} and since. Replays reach back to now only`
  const missing = { difference: 'is missing', promise: 'Events are accepted and delivered.' }
  return [restored(objectOf(access.names.stream), missing, remedy)]
}

const wantedOf = ({ names }: StreamAccess, options: StreamOptions): Partial<StreamConfig> =>
  streamConfig(names, options)

/** Another number of partitions is not compared: processes that do not have it stop, or are refused at their start. */
const deviationsNow = async (access: StreamAccess, options: StreamOptions, { config }: StreamInfo) => {
  const { partitions } = readMapping(access.names, config)
  if (partitions !== null && partitions !== options.partitions) return []
  return streamDeviations(config, wantedOf(access, options))
}

const restoreSettings = async (access: StreamAccess, options: StreamOptions): Promise<Difference[]> => {
  const { manager, names } = access
  const found = await manager.streams.info(names.stream)
  const deviations = await deviationsNow(access, options, found)
  const object = objectOf(names.stream)
  if (!(await isOfThisNumber(access, options, found)))
    return deviations.map(each => broken(object, each, `set DOORBELL_PARTITIONS to the number of its consumers`))
  return applyChanges(deviations, change => manager.streams.update(names.stream, change), {
    object,
    whenRestored: `change the settings of Doorbell instead, or leave this one as it is${await lossOf(options, found)}`,
    whenBroken:
      `NATS does not change this back. When nothing waits (webhook.consumer.pending is 0), remove the stream with ` +
      `"nats stream rm ${names.stream}": Doorbell creates it again and its numbers continue; replays then reach back to that moment`,
  })
}

/** A limit that was too low for a moment has dropped messages that no worker had processed. */
const lossOf = async ({ progress = noProgress }: StreamOptions, { state }: StreamInfo): Promise<string> => {
  // Without MongoDB, restoring is more urgent than the count.
  const known = await progress.load().catch(() => null)
  const dropped = known === null ? 0 : droppedUnprocessed(known, state.first_seq)
  if (known?.highest == null || dropped === 0) return ''
  const since = new Date(known.highest.at).toISOString()
  return `. Up to ${dropped} events were dropped before they were processed: have publishers send again what they sent shortly before ${since} and since`
}

/**
 * A mapping that was removed is made again for this process's number of partitions only if the stream has as many consumers. Another mapping to
 * partitions is that of another version.
 */
export const isOfThisNumber = async (
  { manager, names }: StreamAccess,
  { partitions }: Pick<StreamOptions, 'partitions'>,
  { config }: StreamInfo,
): Promise<boolean> => {
  if (readMapping(names, config).partitions !== null) return true
  if (config.subject_transform?.dest.includes('partition(') === true) return false
  return Math.max(-1, ...(await consumersOf(manager, names)).keys()) + 1 === partitions
}

const keptOf = ({ config }: StreamInfo): Difference[] =>
  keptChanges(config).map(difference => ({
    system: 'nats',
    object: objectOf(config.name),
    difference,
    outcome: 'kept',
    promise: '',
    remedy: '',
    refusesEvents: false,
  }))
