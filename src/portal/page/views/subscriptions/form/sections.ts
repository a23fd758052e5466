import { counted } from '../../../format/text.ts'
import { type SettingControl } from './controls/control.ts'
import { endpointControls } from './controls/endpoint-controls.ts'
import { eventsControls } from './controls/events-controls.ts'
import { paceControls } from './controls/pace-controls.ts'
import { requestControls } from './controls/request-controls.ts'
import { retryControls } from './controls/retry-controls.ts'
import type { PaceDraft, RequestDraft, RetryDraft, SettingsDraft } from './model/draft.ts'
import { listedDelays, recommendedText } from './model/retry.ts'
import type { SettableField } from '../../../api/shapes.ts'

/** A part of the form. */
export interface Section {
  readonly title: string
  /** A sentence below the title. */
  readonly about?: string
  /** The settings in a few words. A section that has them is folded until the person opens it. */
  readonly summary?: (draft: SettingsDraft) => string
  readonly controls: Partial<Readonly<Record<SettableField, SettingControl>>>
}

const retrySummary = ({ retryKind, maxAttempts, giveUpAfter, delays, expiresAfter }: RetryDraft): string => {
  const policy = {
    recommended: recommendedText,
    growth: `up to ${maxAttempts} attempts, given up after ${giveUpAfter}`,
    list: counted(listedDelays(delays).length + 1, 'attempt', 'attempts'),
  }[retryKind]
  return expiresAfter.trim() === '' ? policy : `${policy}; expires after ${expiresAfter}`
}

const paceSummary = ({ timeout, ratePerSecond, maxInFlight, ordering }: PaceDraft): string =>
  [
    `${timeout} timeout`,
    ratePerSecond.trim() === '' ? 'no rate limit' : `${ratePerSecond} per second`,
    `${maxInFlight} in parallel`,
    ordering === 'visit' ? 'in order per visit' : 'in any order',
  ].join(', ')

const requestSummary = (draft: RequestDraft): string =>
  [
    `${draft.payload} payload`,
    draft.headers.length === 0 ? null : counted(draft.headers.length, 'header', 'headers'),
    { none: null, bearer: 'bearer token', basic: 'user name and password' }[draft.authKind],
    draft.requireVerification ? 'verified first' : null,
    draft.propagateTrace ? 'trace context' : null,
  ]
    .filter(part => part !== null)
    .join(', ')

/** The sections in their order. */
export const sections: readonly Section[] = [
  {
    title: 'Endpoint',
    about: 'The address that Doorbell posts events to. Only a 2xx response counts as delivered.',
    controls: endpointControls,
  },
  {
    title: 'Events',
    about: 'The events to send. Each type shows a sample of what your endpoint receives.',
    controls: eventsControls,
  },
  { title: 'Retries', summary: retrySummary, controls: retryControls },
  { title: 'Pace and order', summary: paceSummary, controls: paceControls },
  { title: 'Request and security', summary: requestSummary, controls: requestControls },
]

/** The control of each settable field: tsc reports a field that no section shows. */
const controls: Readonly<Record<SettableField, SettingControl>> = {
  ...endpointControls,
  ...eventsControls,
  ...retryControls,
  ...paceControls,
  ...requestControls,
}

/** Whether the form has a control at which a fault of the API can be shown, e.g. for `/retry/delaysMs`. */
export const hasControlFor = (pointer: string): boolean => Object.hasOwn(controls, pointer.split('/')[1] ?? '')
