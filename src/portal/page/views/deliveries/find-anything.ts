import { get, ofTenant } from '../../api/client.ts'
import { problemFrom } from '../../api/problem.ts'
import type { Delivery, Page } from '../../api/shapes.ts'

/** What an id belongs to. */
export type Found =
  { readonly kind: 'delivery' | 'event' | 'visit' | 'subscription'; readonly id: string } | { readonly kind: 'nothing' }

/**
 * Finds out whether an id belongs to a delivery, an event, a visit or a subscription, so that the person does not need to know. Throws ApiProblem if
 * Doorbell does not answer.
 */
export const findAnything = async (text: string): Promise<Found> => {
  const id = encodeURIComponent(text)
  const [delivery, event, visit, subscription] = await Promise.all([
    text.includes('.') && exists(`/deliveries/${id}`),
    !text.includes('.') && exists(`/events/${id}`),
    hasDeliveries({ visitId: text }),
    text.startsWith('sub_') && hasDeliveries({ subscriptionId: text }),
  ])
  if (delivery) return { kind: 'delivery', id: text }
  if (event) return { kind: 'event', id: text }
  if (visit) return { kind: 'visit', id: text }
  return subscription ? { kind: 'subscription', id: text } : { kind: 'nothing' }
}

const hasDeliveries = async (query: Readonly<Record<string, string>>): Promise<boolean> => {
  const page = await get<Page<Delivery>>(ofTenant('/deliveries'), { query: { ...query, limit: 1 } })
  return page.items.length > 0
}

const exists = async (path: string): Promise<boolean> => {
  try {
    await get(ofTenant(path))
    return true
  } catch (error) {
    if (problemFrom(error).status === 404) return false
    throw error
  }
}
