import type { AttemptPorts } from '../../actors/attempt/attempt.ts'
import type { Log } from '../../observability/log.ts'
import type { DoorbellMetrics } from '../../observability/metrics.ts'
import type { Delivery } from '../domain/delivery.ts'
import type { PayloadForm, VisitEvent } from '../domain/event.ts'
import type { Retention } from '../domain/retention.ts'
import type { Egress } from '../egress/egress.ts'
import type { EventReader } from '../intake/read-event.ts'
import type { Directory } from '../ledger/directory.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { KeyRing } from '../signing/key-ring.ts'
import type { Streams } from '../streams/connect.ts'
import type { Activity } from '../sending/activity.ts'

/** What a worker is made of. */
export interface WorkerParts {
  readonly streams: Streams
  readonly ledger: Ledger
  readonly directory: Directory
  readonly egress: Egress
  readonly keyRing: KeyRing
  readonly standardSignature: AttemptPorts['standardSignature']
  readonly extraHeaders: AttemptPorts['extraHeaders']
  readonly reader: EventReader
  /** An event into the stream, as the intake does it. */
  readonly publish: (event: VisitEvent) => Promise<unknown>
  /** What sending a row again would send, in this form; null when it is no longer kept. */
  readonly bodyOf: (row: Delivery, form: PayloadForm) => Promise<string | null>
  readonly metrics: DoorbellMetrics
  readonly activity: Activity
  readonly log: Log
  /** The operator's, for tenants that have no own. */
  readonly retention: Retention
  /** Replicas of what the fleet keeps in NATS. */
  readonly replicas: number
  /** How many partitions there are. */
  readonly partitions: number
  /** Aborted when attempts under way must be cut off. */
  readonly ending: AbortSignal
}
