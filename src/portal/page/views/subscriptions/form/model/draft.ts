/** What the person has typed: mostly text, until it is saved. */
export type SettingsDraft = EndpointDraft & EventsDraft & RetryDraft & PaceDraft & RequestDraft

export interface EndpointDraft {
  readonly url: string
  readonly description: string
}

export interface EventsDraft {
  readonly eventTypes: readonly string[]
  /** Fields with their values, which are separated by commas. */
  readonly filter: readonly Pair[]
}

export interface RetryDraft {
  readonly retryKind: 'recommended' | 'growth' | 'list'
  readonly maxAttempts: string
  readonly firstDelay: string
  readonly factor: string
  readonly maxDelay: string
  readonly giveUpAfter: string
  readonly delays: string
  readonly expiresAfter: string
}

export interface PaceDraft {
  readonly timeout: string
  readonly ratePerSecond: string
  readonly maxInFlight: string
  readonly ordering: 'none' | 'visit'
}

export interface RequestDraft {
  readonly payload: 'full' | 'thin'
  readonly headers: readonly Pair[]
  readonly authKind: 'none' | 'bearer' | 'basic'
  readonly authToken: string
  readonly authUsername: string
  readonly authPassword: string
  readonly requireVerification: boolean
  readonly propagateTrace: boolean
}

/** Two texts in a row: a field of a filter with its values, or a header with its value. */
export interface Pair {
  readonly name: string
  readonly value: string
}

/** The rows in which something was typed. */
export const filledRows = (rows: readonly Pair[]): readonly Pair[] =>
  rows.filter(({ name, value }) => name.trim() !== '' || value.trim() !== '')
