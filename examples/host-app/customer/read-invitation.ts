import { Refusal } from '../refusal.ts'

/** Pickers know minutes: the minute that runs is not yet the past. */
const graceMs = 60_000
const furthestMs = 365 * 24 * 60 * 60_000

/** An invitation as the page posts it: one visitor, one moment. Throws Refusal with what to mend. */
export const readInvitation = (body: unknown, now: number): { contactId: string; scheduledAt: number } => {
  const { contactId, scheduledAt } = (body ?? {}) as { contactId?: unknown; scheduledAt?: unknown }
  if (typeof contactId !== 'string') throw new Refusal(400, 'Choose whom to invite.')
  const at = typeof scheduledAt === 'string' ? Date.parse(scheduledAt) : Number.NaN
  if (Number.isNaN(at)) throw new Refusal(400, 'Choose a date and a time.')
  if (at < now - graceMs) throw new Refusal(400, 'This time is in the past. Choose a later one.')
  if (at > now + furthestMs) throw new Refusal(400, 'This is more than a year ahead. Choose an earlier date.')
  return { contactId, scheduledAt: at }
}
