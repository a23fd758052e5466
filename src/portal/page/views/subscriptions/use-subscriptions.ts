import { get, ofTenant } from '../../api/client.ts'
import type { Page, Subscription } from '../../api/shapes.ts'
import { useLoad } from '../../hooks/use-load.ts'
import { may } from '../../session/session-state.ts'
import { titleOf } from './subscription-state.ts'

/** A tenant has at most 50, so one page has them all. */
const limit = 200

/** The tenant’s subscriptions by their ids, for their names; null until they are read, and where the token may not read them. */
export const useSubscriptions = (): ReadonlyMap<string, Subscription> | null => {
  const { data } = useLoad(
    async signal =>
      may('subscriptions:read')
        ? (await get<Page<Subscription>>(ofTenant('/subscriptions'), { query: { limit }, signal })).items
        : [],
    [],
  )
  return data === null ? null : new Map(data.map(one => [one.id, one]))
}

/** What people call it; of one that is deleted or not to be seen, its id. */
export const nameOf = (subscriptions: ReadonlyMap<string, Subscription> | null, id: string): string => {
  const found = subscriptions?.get(id)
  return found === undefined ? id : titleOf(found)
}
