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
export const equivalents: readonly Equivalent[] = []
