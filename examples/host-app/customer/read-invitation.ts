import { Refusal } from '../refusal.ts'

/** A picker has minutes, so the current minute does not count as past. */
const graceMs = 60_000
const furthestMs = 365 * 24 * 60 * 60_000

/** Reads the invitation that the page posts: a contact and a time. Throws Refusal if it is not valid. */
export const readInvitation = (body: unknown, now: number): { contactId: string; scheduledAt: number } => {
  const { contactId, scheduledAt } = (body ?? {}) as { contactId?: unknown; scheduledAt?: unknown }
  if (typeof contactId !== 'string') throw new Refusal(400, 'Choose a contact to invite.')
  const at = typeof scheduledAt === 'string' ? Date.parse(scheduledAt) : Number.NaN
  if (Number.isNaN(at)) throw new Refusal(400, 'Choose a date and a time.')
  if (at < now - graceMs) throw new Refusal(400, 'This time is in the past. Choose a later one.')
  if (at > now + furthestMs) throw new Refusal(400, 'This date is more than a year ahead. Choose an earlier one.')
  return { contactId, scheduledAt: at }
}
