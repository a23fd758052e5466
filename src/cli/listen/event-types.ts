import { matchesType } from '../../domain/subscription.ts'
import { UserError } from '../command.ts'
import type { ListenOptions } from './options.ts'

/** Throws UserError for a type that the service does not have, since no such event would ever come. */
export const checkEventTypes = async ({
  url,
  eventTypes,
}: Pick<ListenOptions, 'url' | 'eventTypes'>): Promise<void> => {
  const answer = await fetch(`${url}/v1/event-types`).catch(() => null)
  // The feed reports a service that does not answer.
  if (answer?.ok !== true) return
  const { items } = (await answer.json()) as { items: readonly { type: string }[] }
  const known = items.map(({ type }) => type)
  const unknown = eventTypes.find(pattern => !known.some(type => matchesType(pattern, type)))
  if (unknown !== undefined) throw new UserError(`There is no event type "${unknown}". There are: ${known.join(', ')}.`)
}
