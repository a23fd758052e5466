import type { Subscription } from '../../api/shapes.ts'
import type { Tone } from '../../parts/status-badge.ts'

/** The state of a subscription in a word, with the reason in a sentence. */
export interface SubscriptionState {
  readonly kind: 'active' | 'failing' | 'open' | 'half-open' | 'paused' | 'disabled' | 'unverified'
  readonly tone: Tone
  readonly word: string
  /** A plain sentence; empty when all is well. */
  readonly why: string
}

export const stateOf = (subscription: Subscription): SubscriptionState => {
  const { status, statusReason = '', circuit, circuitReason = '', failingSince } = subscription
  if (status === 'disabled') return { kind: 'disabled', tone: 'bad', word: 'Disabled', why: statusReason }
  if (awaitsVerification(subscription))
    return {
      kind: 'unverified',
      tone: 'warn',
      word: 'Unverified',
      why: 'Events are held until the endpoint has answered a signed challenge. Verify the endpoint when it is ready.',
    }
  if (status === 'paused') return { kind: 'paused', tone: 'quiet', word: 'Paused', why: statusReason }
  if (circuit === 'open') return { kind: 'open', tone: 'bad', word: 'Circuit open', why: circuitReason }
  if (circuit === 'half-open') return { kind: 'half-open', tone: 'busy', word: 'Trying again', why: circuitReason }
  if (failingSince !== undefined)
    return {
      kind: 'failing',
      tone: 'warn',
      word: 'Failing',
      why: circuitReason || 'The latest attempts failed. Doorbell tries them again.',
    }
  return { kind: 'active', tone: 'ok', word: 'Active', why: '' }
}

const awaitsVerification = ({ status, requireVerification, verification }: Subscription): boolean =>
  status === 'paused' && requireVerification === true && verification?.state !== 'verified'

/** The description, or without one the address without its scheme. */
export const titleOf = ({ description, url }: Pick<Subscription, 'description' | 'url'>): string =>
  description === undefined || description === '' ? url.replace(/^https?:\/\//, '') : description
