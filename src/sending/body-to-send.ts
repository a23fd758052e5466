import type { Delivery } from '../domain/delivery.ts'
import { bodyInForm, type PayloadForm, type VisitEvent, wireBody } from '../domain/event.ts'

/**
 * Returns the body that a resend or a replay of a row sends, in the form that the subscription wants now: the row's own bytes, or else the
 * stream's event. Null when neither is kept.
 */
export const createBodyOf =
  (readEvent: (tenant: string, type: string, sequence: number) => Promise<VisitEvent | null>) =>
  async (row: Delivery, form: PayloadForm): Promise<string | null> => {
    if (row.contentGone !== undefined) return null
    const kept = row.body === undefined ? null : bodyInForm(row.body, form)
    if (kept !== null) return kept
    const event = await readEvent(row.tenant, row.type, row.streamSequence)
    // After a restore the stream may hold another event under the number that the row names.
    return event?.id === row.eventId ? wireBody(event, form, row.streamSequence) : null
  }
