/** Restores validators that were changed. Returns whether one was a moment ago, so that what it refused may be written again. */
export type Heal = () => Promise<boolean>

/** For a ledger whose validators nobody changes. */
export const noHeal: Heal = async () => false

/** Writes once more what a validator refused, if that was not Doorbell's validator: one that an operator changed must not end a partition. */
export const healing =
  <T, R>(write: (values: readonly T[]) => Promise<(R | Error)[]>, heal: Heal) =>
  async (values: readonly T[]): Promise<(R | Error)[]> => {
    const results = await write(values)
    const refused = results.flatMap((result, index) => (result instanceof Error ? [index] : []))
    if (refused.length === 0 || !(await heal())) return results
    const again = await write(refused.map(index => values[index] as T))
    return results.map((result, index) => again[refused.indexOf(index)] ?? result)
  }
