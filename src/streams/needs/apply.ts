import type { Difference } from '../../domain/requirement.ts'
import { JetStreamApiError } from '@nats-io/jetstream'
import { broken, type Deviation, restored } from './deviation.ts'

interface Texts {
  readonly object: string
  /** For a setting that was restored. */
  readonly whenRestored: string
  /** For a setting that the server does not change back. */
  readonly whenBroken: string
}

/**
 * Changes back what deviates. When the server refuses the change as a whole, each setting is tried by itself, so that one that cannot be changed
 * keeps no other from being restored.
 */
export const applyChanges = async <Config extends object>(
  deviations: readonly Deviation<Config>[],
  update: (change: Partial<Config>) => Promise<unknown>,
  { object, whenRestored, whenBroken }: Texts,
): Promise<Difference[]> => {
  const [first, ...others] = deviations
  if (first === undefined) return []
  if (await isAccepted(update, Object.assign({}, ...deviations.map(({ change }) => change)) as Partial<Config>))
    return deviations.map(each => restored(object, each, whenRestored))
  if (others.length === 0) return [broken(object, first, whenBroken)]
  const found: Difference[] = []
  for (const each of deviations)
    found.push(
      (await isAccepted(update, each.change)) ? restored(object, each, whenRestored) : broken(object, each, whenBroken),
    )
  return found
}

/** False when the server refused; throws when it did not answer. */
const isAccepted = async <Config>(
  update: (change: Partial<Config>) => Promise<unknown>,
  change: Partial<Config>,
): Promise<boolean> => {
  try {
    await update(change)
    return true
  } catch (error) {
    if (error instanceof JetStreamApiError) return false
    throw error
  }
}
