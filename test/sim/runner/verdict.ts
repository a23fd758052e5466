import type { Violation } from '../invariants/truth.ts'
import { noPlant } from '../plants/plant.ts'
import { plantNamed } from '../plants/plants.ts'
import { type Fault, type Plan, planOf } from '../world/plan.ts'
import { runPlan } from '../world/run.ts'

/** What to run: a seed, with all of its faults or some of them, and a planted fault or none. */
export interface Order {
  readonly seed: string
  /** The places of the faults that are kept, from 0. */
  readonly faults?: readonly number[]
  readonly plant?: string
  readonly withTrace?: boolean
}

/** What a run showed. */
export interface Verdict {
  readonly seed: string
  readonly broken: readonly Violation[]
  readonly known: readonly Violation[]
  readonly digest: string
  readonly virtualMs: number
  readonly steps: number
  readonly tookMs: number
  readonly counts: Readonly<Record<string, number>>
  readonly faults: readonly Fault[]
  readonly trace?: readonly string[]
}

export const planOfOrder = ({ seed, faults }: Order): Plan => {
  const plan = planOf(seed)
  return faults === undefined ? plan : { ...plan, faults: plan.faults.filter((_, index) => faults.includes(index)) }
}

export const carryOut = async (order: Order): Promise<Verdict> => {
  const plant = order.plant === undefined ? noPlant : plantNamed(order.plant)
  if (plant === undefined) throw new Error(`there is no plant "${order.plant}"`)
  const plan = planOfOrder(order)
  const { violations, trace, digest, virtualMs, steps, tookMs, counts } = await runPlan(plan, plant, order.withTrace)
  return {
    seed: order.seed,
    broken: violations.filter(({ known }) => known === null),
    known: violations.filter(({ known }) => known !== null),
    digest,
    virtualMs,
    steps,
    tookMs,
    counts,
    faults: plan.faults,
    ...(order.withTrace === true ? { trace } : {}),
  }
}
