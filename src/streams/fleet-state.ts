import type { StreamAccess } from './access.ts'
import { fleetBucket } from './names.ts'

/** The fleet as its bucket shows it. */
export interface FleetState {
  /** The workers with a heartbeat within the lease time. */
  readonly workers: readonly string[]
  /** The partitions that a worker holds a lease of. */
  readonly owned: readonly number[]
}

/** Reads which workers there are, and which partitions have an owner. Throws Failure `streams_unavailable`. */
export const readFleet = ({ manager, names, answered }: StreamAccess): Promise<FleetState> =>
  answered(async () => {
    const bucket = fleetBucket(names)
    const prefix = `$KV.${bucket}.`
    const { state } = await manager.streams.info(`KV_${bucket}`, { subjects_filter: `${prefix}>` })
    const keys = Object.keys(state.subjects ?? {}).map(subject => subject.slice(prefix.length).split('.'))
    const of = (kind: string) =>
      keys.flatMap(([first, second]) => (first === kind && second !== undefined ? [second] : []))
    return { workers: of('worker'), owned: of('partition').map(Number) }
  })
