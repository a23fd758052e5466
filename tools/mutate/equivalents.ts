/** A fault that changes nothing that anybody can observe, and why that is so. */
export interface Equivalent {
  readonly file: string
  /** The line as it stands in the file, without the space around it. */
  readonly line: string
  /** The kind of fault; all of that kind on the line are meant. */
  readonly kind: string
  readonly why: string
}

/** Argued one by one. Where code that makes no difference can go, it goes instead. */
export const equivalents: readonly Equivalent[] = [
  {
    file: 'src/intake/event-id.ts',
    line: 'const pool = new Uint8Array(1_024)',
    kind: 'constant doubled',
    why: 'The pool may have any size: ids are drawn from it in order, and it is filled again at its end.',
  },
  {
    file: 'src/intake/union-faults.ts',
    line: "isOfOtherType(error) ? 10_000 : error.keyword === 'additionalProperties' ? 100 : 1",
    kind: 'constant doubled',
    why: 'Only the order of the weights counts, as long as a branch has fewer than fifty faults.',
  },
  {
    file: 'src/domain/retry.ts',
    line: 'const dueAt = now + Math.max(withJitter(plain, chance), Math.min(retryAfterMs ?? 0, maxRetryAfterMs))',
    kind: 'constant doubled',
    why: 'No delay is shorter than 10 ms, so the larger of the two is the delay either way.',
  },
]
