import type { Subscription } from '../../api/shapes.ts'
import type { Tone } from '../../parts/status-badge.ts'

/** How a subscription is, in a word, and why, in a sentence. */
export interface SubscriptionState {
  readonly tone: Tone
  readonly word: string
  /** In plain words; empty when all is well. */
  readonly why: string
  readonly kind: 'active' | 'failing' | 'open' | 'half-open' | 'paused' | 'disabled' | 'unverified'
}

export const stateOf = (subscription: Subscription): SubscriptionState => {
  const { status, statusReason = '', circuit, circuitReason = '', failingSince } = subscription
  if (status === 'disabled') return { kind: 'disabled', tone: 'bad', word: 'Disabled', why: statusReason }
  if (awaitsVerification(subscription))
    return {
      kind: 'unverified',
      tone: 'warn',
      word: 'Unverified',
      why: 'Its events are held until the endpoint has answered a signed challenge: verify it once it is ready.',
    }
  if (status === 'paused') return { kind: 'paused', tone: 'quiet', word: 'Paused', why: statusReason }
  if (circuit === 'open') return { kind: 'open', tone: 'bad', word: 'Circuit open', why: circuitReason }
  if (circuit === 'half-open') return { kind: 'half-open', tone: 'busy', word: 'Trying again', why: circuitReason }
  if (failingSince !== undefined)
    return {
      kind: 'failing',
      tone: 'warn',
      word: 'Failing',
      why: circuitReason || 'Its last attempts failed; they are tried again.',
    }
  return { kind: 'active', tone: 'ok', word: 'Active', why: '' }
}

const awaitsVerification = ({ status, requireVerification, verification }: Subscription): boolean =>
  status === 'paused' && requireVerification === true && verification?.state !== 'verified'

/** What people call it: its description, or the address without what all have. */
export const titleOf = ({ description, url }: Pick<Subscription, 'description' | 'url'>): string =>
  description === undefined || description === '' ? url.replace(/^https?:\/\//, '') : description
