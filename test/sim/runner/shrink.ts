import type { Order, Verdict } from './verdict.ts'

/**
 * Finds few faults with which a failing run still fails in the same way: it leaves out half of them, then a quarter, and at last single ones, as
 * long as the same promise breaks.
 */
export const shrink = async (
  failed: Verdict,
  order: Order,
  run: (order: Order) => Promise<Verdict>,
): Promise<number[]> => {
  const wanted = failed.broken[0]?.invariant
  let kept = failed.faults.map((_, index) => index)
  for (let size = Math.ceil(kept.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < kept.length;) {
      const fewer = [...kept.slice(0, at), ...kept.slice(at + size)]
      const { broken } = await run({ ...order, faults: fewer })
      if (broken.some(({ invariant }) => invariant === wanted)) kept = fewer
      else at += size
    }
  }
  return kept
}
