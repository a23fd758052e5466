/** One object that Doorbell creates in another system. */
export interface Row {
  readonly object: string
  /** Who might remove or change it. */
  readonly by: string
  /** What is seen, and how soon. */
  readonly seen: string
  /** What recovers by itself. */
  readonly recovers: string
  /** The test that shows it. */
  readonly test: string
}
