/** A difference between what Doorbell needs in another system and what is there. */
export interface Difference {
  /** `fleet`: the workers, as their bucket shows them. */
  readonly system: 'nats' | 'mongodb' | 'fleet'
  /** What differs, as an operator of that system names it: `consumer partition-3 of VISITS`, `index deliveries.due`. */
  readonly object: string
  /** How it differs: `is missing`, `discard is old, not new`. Never the other system's own text. */
  readonly difference: string
  /**
   * `restored`: it is as needed again. `kept`: an operator changed it, and no promise depends on it.
   * `broken`: it differs still, and a promise does not hold.
   */
  readonly outcome: 'restored' | 'kept' | 'broken'
  /** What users can no longer rely on while it is broken. */
  readonly promise: string
  /** What an operator does about it. */
  readonly remedy: string
  /** While it is broken, an accepted event might be lost or never delivered: nothing may be accepted. */
  readonly refusesEvents: boolean
}

/** Objects in another system that Doorbell created there and depends on. */
export interface Requirement {
  /** A group of objects: `stream`, `consumers`, `leases`, `collections`, `indexes`, `writes`. */
  readonly name: string
  /** Compares them with what is there, and restores what it can. Throws Failure when the server does not answer. */
  check(): Promise<readonly Difference[]>
}
