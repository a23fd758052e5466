import type { EpochMs } from '../../domain/time.ts'
import type { Operations } from '../operation/operations.ts'
import { readPage } from '../operation/page.ts'
import { deliveryOperations } from './operations.ts'
import { type DeliveryStore, findDelivery } from './store.ts'
import { showDelivery } from './wire.ts'

export interface DeliveryDeps {
  readonly deliveries: Pick<DeliveryStore, 'list' | 'get'>
  readonly jaegerUrl: string | null
}

interface Place {
  readonly createdAt: EpochMs
  readonly id: string
}
const isPlace = (value: unknown): value is Place =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as Place).createdAt === 'number' &&
  typeof (value as Place).id === 'string'

/** The delivery log of a tenant. */
export const deliveryRoutes = (operations: Operations, deps: DeliveryDeps): void => {
  const { deliveries, jaegerUrl } = deps

  operations.add(deliveryOperations.list, async ({ params: { tenant }, state: { query } }) => {
    const { limit: _, cursor: __, from, to, ...equal } = query
    const { items, next } = await readPage(query, {
      isPlace,
      placeOf: ({ createdAt, id }: Place) => ({ createdAt, id }),
      find: ({ limit, after }) =>
        deliveries.list({
          tenant,
          ...equal,
          ...(from !== undefined && { from: Date.parse(from) }),
          ...(to !== undefined && { to: Date.parse(to) }),
          ...(after !== undefined && { before: after }),
          limit,
        }),
    })
    return { items: items.map(row => showDelivery(row, jaegerUrl)), next }
  })

  operations.add(deliveryOperations.get, async ({ params }) =>
    showDelivery(await findDelivery(deps, params), jaegerUrl),
  )
}
