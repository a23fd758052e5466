import { dayMs } from '../../format/units.ts'
import { serverNow } from '../../format/server-clock.ts'
import { place } from '../../router.ts'

/** What the person has typed. */
export interface ReplayDraft {
  readonly subscriptionId: string
  readonly status: string
  /** RFC 3339; empty while no time is entered. A moment, since a local time may be two of them. */
  readonly from: string
  readonly to: string
  readonly perSecond: string
}

const defaultPerSecond = '20'

/** The draft at first. A link to the form may contain the selection and the range. */
export const firstDraft = (): ReplayDraft => {
  const { query } = place.peek()
  const now = serverNow()
  const moment = (name: string, otherwise: number) =>
    new Date(Date.parse(query.get(name) ?? '') || otherwise).toISOString()
  return {
    subscriptionId: query.get('subscriptionId') ?? '',
    status: query.get('status') ?? 'dead',
    from: moment('from', now - dayMs),
    to: moment('to', now),
    perSecond: defaultPerSecond,
  }
}

/** The body of the API call. */
export const bodyOf = ({ subscriptionId, status, from, to, perSecond }: ReplayDraft) => ({
  subscriptionId,
  status,
  from,
  to,
  perSecond: numberOf(perSecond),
})

/** What is wrong with the draft, by JSON Pointer. */
export const faultsIn = ({ subscriptionId, from, to, perSecond }: ReplayDraft): ReadonlyMap<string, string> => {
  const found = new Map<string, string>()
  if (subscriptionId.trim() === '') found.set('/subscriptionId', 'Choose a subscription.')
  if (from === '') found.set('/from', 'Enter a date and a time.')
  if (to === '') found.set('/to', 'Enter a date and a time.')
  const rate = numberOf(perSecond)
  if (!(rate >= 0.1 && rate <= 1_000)) found.set('/perSecond', 'Enter a number from 0.1 to 1,000.')
  return found
}

export const numberOf = (text: string): number => (text.trim() === '' ? Number.NaN : Number(text.replace(',', '.')))
