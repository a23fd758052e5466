import type { Egress } from '../../../src/egress/egress.ts'
import type { openStores, Stores } from '../../../src/service/stores.ts'

export type OpenStores = NonNullable<Parameters<typeof openStores>[2]>

/** A known fault that is put into every process of a run, to see that the simulation finds it. */
export interface Plant {
  readonly name: string
  /** What goes wrong with it, in a sentence. */
  readonly fault: string
  readonly stores: (open: OpenStores) => OpenStores
  readonly opened: (stores: Stores) => Stores
  readonly egress: (egress: Egress) => Egress
}

const asIs = <T>(value: T): T => value

export const noPlant: Plant = { name: 'none', fault: 'nothing', stores: asIs, opened: asIs, egress: asIs }
