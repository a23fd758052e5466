import { get, ofTenant } from '../../api/client.ts'
import type { Page, Subscription } from '../../api/shapes.ts'
import { useLoad } from '../../hooks/use-load.ts'
import { may } from '../../session/session-state.ts'
import { titleOf } from './subscription-state.ts'

/** Subscriptions by id; null until they have been read. Empty if the token may not read them. */
export type Subscriptions = ReadonlyMap<string, Subscription> | null

/** A tenant has at most 50 subscriptions, so one page holds them all. */
const limit = 200

/** Reads all subscriptions of the tenant. Throws ApiProblem. */
export const listSubscriptions = async (signal: AbortSignal): Promise<readonly Subscription[]> =>
  (await get<Page<Subscription>>(ofTenant('/subscriptions'), { query: { limit }, signal })).items

/** The tenant’s subscriptions, so that a view can show their names. */
export const useSubscriptions = (): Subscriptions => {
  const { data } = useLoad(async signal => (may('subscriptions:read') ? listSubscriptions(signal) : []), [])
  return data === null ? null : new Map(data.map(one => [one.id, one]))
}

/** The title of a subscription; its id if it was deleted or the token may not read it. */
export const nameOf = (subscriptions: Subscriptions, id: string): string => {
  const found = subscriptions?.get(id)
  return found === undefined ? id : titleOf(found)
}
