import { checkIns, label, series } from './series.ts'

/** An objective over four weeks, and how its error budget is measured. */
export interface Objective {
  /** Part of the names of its recording rules. */
  readonly name: string
  readonly alert: string
  /** The share that must be good. */
  readonly target: number
  readonly promise: string
  /** An expression for the share that was bad in a window, 0 to 1. */
  readonly badShare: (window: string) => string
}

const rate = (selector: string, window: string) => `sum(rate(${selector}[${window}]))`

/** `bad` has no series before the first failure. */
const share = (bad: string, all: string) => `(${bad} or vector(0)) / (${all} > 0)`

export const objectives: readonly Objective[] = [
  {
    name: 'checkins_refused',
    alert: 'CheckInsRefused',
    target: 0.999,
    promise: '99.9 % of well-formed check-ins are answered with 202',
    // 4xx answers are the publisher’s errors.
    badShare: window =>
      share(
        rate(series('requestDuration', { ...checkIns, httpStatus: '~5..' }, '_count'), window),
        rate(series('requestDuration', { ...checkIns, httpStatus: '~202|5..' }, '_count'), window),
      ),
  },
  {
    name: 'first_attempts_late',
    alert: 'FirstAttemptsLate',
    target: 0.95,
    promise: '95 % of first attempts begin within 1 s of the event while the receiver is healthy',
    badShare: window => {
      const healthy = { receiverState: 'healthy' }
      const all = rate(series('firstAttemptDelay', healthy, '_count'), window)
      return `1 - (${rate(series('firstAttemptDelay', { ...healthy, le: '1' }, '_bucket'), window)} / (${all} > 0))`
    },
  },
]

/** Multi-window, multi-burn-rate alerts (The Site Reliability Workbook, chapter 5). `budget` is the share that is spent when the alert fires. */
export const burnRates = [
  { factor: 14.4, long: '1h', short: '5m', severity: 'page', budget: '2 % in an hour' },
  { factor: 6, long: '6h', short: '30m', severity: 'page', budget: '5 % in six hours' },
  { factor: 3, long: '1d', short: '2h', severity: 'ticket', budget: '10 % in a day' },
  { factor: 1, long: '3d', short: '6h', severity: 'ticket', budget: '10 % in three days' },
] as const

export const windows = ['5m', '30m', '1h', '2h', '6h', '1d', '3d'] as const

/** The name of the recording rule for an objective’s bad share in a window. */
export const recordOf = ({ name }: Objective, window: string): string => `doorbell:${name}:ratio_rate${window}`

/** Recording rules for the age of the oldest undelivered event, by the cause of its wait. Events without a row wait for Doorbell. */
export const oldest = {
  own: 'doorbell:oldest_undelivered_own:seconds',
  receiver: 'doorbell:oldest_undelivered_receiver:seconds',
} as const

export const oldestOwn = `max(${series('consumerAge')} or ${series('backlogAge', { fault: 'own' })})`
export const oldestReceiver = `max(${series('backlogAge', { fault: 'receiver' })})`

export const byDependency = `by (${label('dependency')})`
