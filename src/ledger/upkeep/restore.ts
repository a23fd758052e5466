import type { Finding, Repair } from './finding.ts'

/** What a comparison found and did. */
export interface Restored {
  readonly restored: readonly Finding[]
  readonly broken: readonly Broken[]
}

export interface Broken {
  readonly finding: Finding
  /** The error of its repair; `running` while the repair takes its time; undefined when there is no repair. */
  readonly fault: unknown
}

export interface Restorer {
  /** Compares, and repairs what differs. */
  readonly compare: () => Promise<readonly Finding[]>
  readonly repair: (order: Repair) => Promise<void>
  /** Resolves when a comparison no longer waits for a repair; the repair continues. An index of a large collection takes minutes. */
  readonly patience: () => Promise<unknown>
}

/** A repair that is not over yet. */
export const running = Symbol('running')

/**
 * Compares what is there with what is needed, repairs what differs, and looks again: what is as needed then was restored, whether by this
 * process or another, and the rest is broken.
 */
export const createRestore = ({ compare, repair, patience }: Restorer): (() => Promise<Restored>) => {
  const underway = new Map<string, Promise<unknown>>()
  /** Resolves to the error of the repairs, or to undefined. */
  const begin = (finding: Finding): Promise<unknown> => {
    const work = inOrder(finding.repairs, repair).catch((error: unknown) => error)
    underway.set(finding.object, work)
    return work.finally(() => underway.delete(finding.object))
  }
  const settle = async (finding: Finding): Promise<unknown> => {
    if (finding.repairs.length === 0) return undefined
    return Promise.race([underway.get(finding.object) ?? begin(finding), patience().then(() => running)])
  }
  return async () => {
    const before = await compare()
    if (before.length === 0) return { restored: [], broken: [] }
    const faults = new Map<string, unknown>()
    await Promise.all(before.map(async finding => void faults.set(finding.object, await settle(finding))))
    const after = await compare()
    const still = new Set(after.map(({ object }) => object))
    return {
      restored: before.filter(({ object }) => !still.has(object)),
      broken: after.map(finding => ({
        finding,
        fault: finding.repairs.length === 0 ? undefined : faults.get(finding.object),
      })),
    }
  }
}

const inOrder = async (orders: readonly Repair[], repair: Restorer['repair']): Promise<void> => {
  for (const order of orders) await repair(order)
}
