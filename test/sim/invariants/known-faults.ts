import type { Truth } from './truth.ts'

/** A fault of the service that the simulation has found and nobody has fixed yet. What it explains is counted, and fails no run. */
interface KnownFault {
  readonly name: string
  readonly fault: string
  readonly invariants: readonly string[]
  readonly explains: (truth: Truth, since: number) => boolean
}

/** The faults that showed less than this time before. */
const within = (truth: Truth, since: number, ms: number) => truth.disturbances.filter(({ until }) => until > since - ms)

/** A silent process may be given messages for 30 s, and they come back after 60 s more. */
const silenceShowsMs = 120_000

/** A directory that is behind is current again after this time, or decides nothing. */
const directoryShowsMs = 30_000

export const knownFaults: readonly KnownFault[] = [
  {
    name: 'silent-owner',
    fault:
      'A worker that is silent (paused, without power, or behind a network that drops everything) is still given messages of its partitions. They come back after up to a minute, behind later events of their visits.',
    invariants: ['order'],
    explains: (truth, since) =>
      within(truth, since, silenceShowsMs).some(
        ({ fault }) =>
          fault.type === 'pause' ||
          fault.type === 'delay' ||
          (fault.type === 'kill' && fault.how === 'vanished') ||
          (fault.type === 'cut' && fault.server === 'nats' && fault.how === 'silent'),
      ),
  },
  {
    name: 'takeover-behind-a-change',
    fault:
      'A worker whose directory is behind (it was paused or cut off from MongoDB) takes a partition after another owner has acknowledged the control message of a change. It decides on events after that change as before it, until its directory is current again.',
    invariants: ['unwanted-row', 'ack-before-row', 'lost'],
    explains: (truth, since) =>
      within(truth, since, directoryShowsMs).some(
        ({ fault }) =>
          fault.type === 'pause' || fault.type === 'failover' || ('server' in fault && fault.server === 'mongod'),
      ),
  },
]

export const knownFault = (truth: Truth, invariant: string, since: number): string | null =>
  knownFaults.find(({ invariants, explains }) => invariants.includes(invariant) && explains(truth, since))?.name ?? null
