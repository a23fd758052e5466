import type { Patience } from '../../actors/kit/patiently.ts'
import type { Log } from '../../observability/log.ts'
import type { DoorbellMetrics } from '../../observability/metrics.ts'
import type { Egress } from '../egress/egress.ts'
import type { KeyRing } from '../signing/key-ring.ts'
import type { Events } from './events.ts'
import type { PausedPartitions } from './paused-partitions.ts'
import type { Reconciler } from './reconcile.ts'
import type { Sending } from './sending.ts'
import type { ServiceSettings } from './settings.ts'
import type { Stores } from './stores.ts'

/** The parts of a service. The API and the worker are built from them. */
export interface Parts extends Stores, Events, Sending {
  readonly settings: ServiceSettings
  readonly egress: Egress
  readonly keyRing: KeyRing
  readonly patience: Patience
  readonly reconciler: Reconciler
  readonly paused: PausedPartitions
  readonly metrics: DoorbellMetrics
  readonly log: Log
}
