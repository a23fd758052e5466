import { matchesType } from '../domain/subscription.ts'
import { type ListenOptions, UserError } from './listen-options.ts'

/** Throws UserError for a type that the service does not have: it would be waited for in vain. */
export const checkEventTypes = async ({
  url,
  eventTypes,
}: Pick<ListenOptions, 'url' | 'eventTypes'>): Promise<void> => {
  const answer = await fetch(`${url}/v1/event-types`).catch(() => null)
  // Whether the service is well is found out by whoever reads its events.
  if (answer?.ok !== true) return
  const { items } = (await answer.json()) as { items: readonly { type: string }[] }
  const known = items.map(({ type }) => type)
  const unknown = eventTypes.find(pattern => !known.some(type => matchesType(pattern, type)))
  if (unknown !== undefined) throw new UserError(`There is no event type "${unknown}". There are: ${known.join(', ')}.`)
}
