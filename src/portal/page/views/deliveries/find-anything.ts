import { get, ofTenant } from '../../api/client.ts'
import { problemFrom } from '../../api/problem.ts'
import type { Delivery, Page } from '../../api/shapes.ts'

/** What an id turned out to be. */
export type Found =
  { readonly kind: 'delivery' | 'event' | 'visit' | 'subscription'; readonly id: string } | { readonly kind: 'nothing' }

/**
 * Finds out what somebody pasted: the id of a delivery, an event, a visit or a subscription. Nobody who looks for a check-in should have
 * to know which. Throws ApiProblem when Doorbell cannot be asked.
 */
export const findAnything = async (text: string, signal?: AbortSignal): Promise<Found> => {
  const asked = signal === undefined ? {} : { signal }
  const one = async (query: Readonly<Record<string, string>>): Promise<boolean> => {
    const page = await get<Page<Delivery>>(ofTenant('/deliveries'), { query: { ...query, limit: 1 }, ...asked })
    return page.items.length > 0
  }
  const exists = async (path: string): Promise<boolean> => {
    try {
      await get(ofTenant(path), asked)
      return true
    } catch (error) {
      if (problemFrom(error).status === 404) return false
      throw error
    }
  }
  const id = encodeURIComponent(text)
  const [delivery, event, visit, subscription] = await Promise.all([
    text.includes('.') && exists(`/deliveries/${id}`),
    !text.includes('.') && exists(`/events/${id}`),
    one({ visitId: text }),
    text.startsWith('sub_') && one({ subscriptionId: text }),
  ])
  if (delivery) return { kind: 'delivery', id: text }
  if (event) return { kind: 'event', id: text }
  if (visit) return { kind: 'visit', id: text }
  return subscription ? { kind: 'subscription', id: text } : { kind: 'nothing' }
}
