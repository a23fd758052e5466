import type { EpochMs } from './time.ts'

/** Whether the endpoint answered a signed challenge, which shows that its owner agrees to receive events. */
export interface Verification {
  readonly state: 'unverified' | 'verified' | 'failed'
  readonly at: EpochMs
  /** For end users. */
  readonly detail: string
}

/** Whether the endpoint accepted an event with a wrong signature; null: its answer does not show it, or there was no answer. */
export interface Probe {
  readonly accepted: boolean | null
  readonly at: EpochMs
  readonly detail: string
}

export interface EndpointCheck {
  readonly verification: Verification
  readonly probe: Probe
}

/** The reason of a subscription that is paused until its endpoint is verified. */
export const awaitsVerification =
  'Its events are held until the endpoint has answered the challenge. When the endpoint is ready, call POST …/verify.'
