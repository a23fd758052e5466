import type { EpochMs } from './time.ts'

/** Whether the endpoint answered a signed challenge, so that it is its owner's will to be called. */
export interface Verification {
  readonly state: 'unverified' | 'verified' | 'failed'
  readonly at: EpochMs
  /** In an end user's words. */
  readonly detail: string
}

/** Whether the endpoint took an event with a wrong signature; null: its answer does not tell, or there was none. */
export interface Probe {
  readonly accepted: boolean | null
  readonly at: EpochMs
  readonly detail: string
}

export interface EndpointCheck {
  readonly verification: Verification
  readonly probe: Probe
}

/** Why a subscription that must be verified is paused until it is. */
export const awaitsVerification =
  'Its events are held until the endpoint has answered the challenge: POST …/verify, once the endpoint is ready.'
