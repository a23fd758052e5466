import type { TNumberOptions } from 'typebox'
import { maxPauseMs } from '../../actors/subscription/observe.ts'
import { leastAttempts, windowMs } from '../../actors/subscription/circuit.ts'
import { disableAfterMs, noticesAfterMs } from '../../actors/subscription/failing.ts'
import { ownFaultDelayMs } from '../../actors/subscription/settle.ts'
import { tickMs } from '../../actors/fleet/state.ts'
import { plainSettings } from '../../config/settings.ts'
import { heartbeatMs } from '../../src/api/deliveries/live.ts'
import { memory } from '../../src/api/operation/guard.ts'
import { hourMs } from '../../src/api/events/visit-pace.ts'
import { defaultOverlapMs } from '../../src/api/subscriptions/action-operations.ts'
import { sameTraceMs } from '../../src/domain/delivery-trace.ts'
import { keptAttempts } from '../../src/domain/delivery.ts'
import { limits } from '../../src/domain/limits.ts'
import { retentionBounds } from '../../src/domain/retention.ts'
import { defaultRetry, maxRetryAfterMs } from '../../src/domain/retry.ts'
import { keepRetiredMs, publishAheadMs } from '../../src/domain/signing-key.ts'
import { settingDefaults, subscriptionSettings } from '../../src/domain/subscription-settings.ts'
import { staleMs as staleNamesMs } from '../../src/egress/names/cached-names.ts'
import { stopWithinMs } from '../../src/service/life.ts'
import { firstDelayMs, maxDelayMs } from '../../src/service/processes.ts'
import { maxReportMs } from '../../src/service/start-wait.ts'
import { messagesAtOnce } from '../../src/jobs/erasure.ts'
import { defaultSlotWaitMs as slotWaitMs } from '../../src/egress/fair-slots.ts'
import { streamKeepMs } from '../../src/jobs/retention.ts'
import { logRetentionMs, longestLogMs, longestWaitMs } from '../../src/ledger/delivery-document.ts'
import { keepMs as keepErasuresMs } from '../../src/ledger/erasures.ts'
import { answerWithinMs } from '../../src/ledger/faults.ts'
import { keepKeysMs } from '../../src/ledger/idempotency.ts'
import { staleAfterMs } from '../../src/ledger/freshness.ts'
import { batchLimit as retentionBatch } from '../../src/ledger/retention.ts'
import { freshMs, staleMs } from '../../src/receiver/key-set.ts'
import { bodyLimit } from '../../src/receiver/read-body.ts'
import { leaseMs } from '../../src/service/stream-limits.ts'
import { noWayBackMs } from '../../src/streams/change-partitions.ts'
import { ackTimeoutMs } from '../../src/streams/publisher.ts'
import { documentedTable } from '../support/documented-table.ts'

const [second, minute, hour, day] = [1_000, 60_000, 3_600_000, 86_400_000]
const kib = (bytes: number) => `${bytes / 1_024} KiB`
const s = (ms: number) => `${ms / second} s`
const h = (ms: number) => `${ms / hour} h`

const words = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten']
const word = (count: number): string => words[count] ?? String(count)
/** `a day`, `five days`. */
const spelt = (ms: number, unit: number, name: string) =>
  ms === unit ? `${name.startsWith('h') ? 'an' : 'a'} ${name}` : `${word(ms / unit)} ${name}s`

/** `5 s`, `2 min`, `10 h`. */
const short = (ms: number) => (ms < minute ? s(ms) : ms < hour ? `${ms / minute} min` : h(ms))

const delays = defaultRetry.delaysMs
const retriesMs = delays.reduce((sum, delayMs) => sum + delayMs, 0)
const schedule = `${delays.slice(0, -1).map(short).join(', ')} and ${short(delays.at(-1) ?? 0)}`
const policyHours = `${Math.round(retriesMs / (24 * hour)) * 24}`

const { minimum, maximum } = subscriptionSettings.withDefault.timeoutMs as object as TNumberOptions
const timeouts = `${s(settingDefaults.timeoutMs)}, by subscription ${Number(minimum) / second}–${s(Number(maximum))}`
const payloadDays = plainSettings.payloadRetentionDays.defaultText
const logDays = plainSettings.logRetentionDays.defaultText
const defaultOption = (name: string) =>
  Number(
    documentedTable('docs/receivers.md', 'Options')
      .find(([option]) => option === `\`${name}\``)
      ?.at(-1),
  )
const toleranceMs = defaultOption('toleranceS') * second
const notices = `${noticesAfterMs.slice(0, -1).map(h).join(', ')} and ${h(noticesAfterMs.at(-1) ?? 0)}`
const bounds = (of: { readonly minimum: number; readonly maximum: number }) => `${of.minimum}–${of.maximum}`

/** What the pages, the API's description and the portal say with figures that the code decides, as the code has them now. Text in backticks is left out. */
export const promised: Readonly<Record<string, readonly string[]>> = {
  'docs/design.md': [
    `The default policy makes ${delays.length + 1} attempts over about ${policyHours} hours`,
    `After ${spelt(disableAfterMs, day, 'day')} of failure, with notices before`,
    `its leases expire within ${spelt(leaseMs, second, 'second')}`,
    `if it has not heard of changes for ${s(staleAfterMs)}`,
  ],
  'docs/operations.md': [
    `kept for the payload retention plus ${spelt(streamKeepMs(3) - 3 * day, day, 'day').replace('a ', 'one ')}`,
    `older than the payload retention plus ${spelt(streamKeepMs(3) - 3 * day, day, 'day').replace('a ', 'one ')}`,
    `longest payload retention of any tenant plus ${spelt(streamKeepMs(3) - 3 * day, day, 'day').replace('a ', 'one ')}`,
    `which keeps them for the payload retention and ${spelt(streamKeepMs(3) - 3 * day, day, 'day')}`,
    `The retired key stays published for ${spelt(keepRetiredMs, 7 * day, 'week')}`,
    `Both secrets sign until then: ${spelt(defaultOverlapMs, day, 'day')} by default, or , at most ${spelt(7 * defaultOverlapMs, 7 * day, 'week')}`,
    `A worker that was killed is forgotten after ${s(leaseMs + second)} by itself`,
    `To go back on purpose, wait ${spelt(noWayBackMs, minute, 'minute')}`,
    `(it waits up to ${s(leaseMs)} for the killed process's lock)`,
    `after ${s(ackTimeoutMs)} when the server hangs`,
    `Workers give up their partitions after ${s(leaseMs - 2 * tickMs(leaseMs))}`,
    `looked up in the last ${memory.staleMs / minute} minutes`,
    `After ${memory.staleMs / minute} minutes all check-ins are refused`,
    `after up to ${s(answerWithinMs)}.`,
    `a stop takes longer than ${s(stopWithinMs)}`,
    `is started again by its parent, after ${s(firstDelayMs)} at first and then ever later, up to ${s(maxDelayMs)}`,
    `again at growing intervals of up to ${spelt(maxReportMs, minute, 'minute')}`,
    `known addresses are used for ${short(staleNamesMs)} more`,
    `it repeats them after ${short(ownFaultDelayMs(1))}, doubling to ${short(ownFaultDelayMs(99))};`,
    `beyond, attempts wait in fair shares, and after ${s(slotWaitMs)} are held`,
    `dated more than ${limits.clockSkewMs / minute} minutes ahead`,
    `receivers refuse and more than ${toleranceMs / minute} minutes off`,
    `retries by the policy (${policyHours} h by default)`,
    `notifies the tenant after ${notices}, and disables the subscription after ${disableAfterMs / day} days`,
    `when the payload retention (${payloadDays} days) ends`,
    `Events, bodies and answers are kept ${payloadDays} days, the log ${logDays} days;`,
  ],
  'docs/receivers.md': [
    `Bodies are rarely larger than ${kib(limits.eventBytes)}; allow ${bodyLimit / 2 ** 20} MiB`,
    `within ${toleranceMs / minute} minutes of your clock`,
    `fetch it again every ${spelt(freshMs, minute, 'minute')} and when an unknown appears, but then at most every ${spelt(defaultOption('keyFetchCooldownS') * second, second, 'second')}`,
    `continue for ${spelt(staleMs, day, 'day')} with the keys that you know`,
    `within the timeout (${timeouts})`,
    `up to ${maxRetryAfterMs / hour} hours for this event, up to ${spelt(maxPauseMs, minute, 'minute')} for the others`,
    `It tries ${delays.length + 1} times within about ${word(Math.round(retriesMs / day))} days: after ${schedule}, with jitter`,
    `half of at least ${word(leastAttempts)} attempts within ${spelt(windowMs, minute, 'minute')} fail`,
    `for as long as the event's content is kept (${payloadDays} days by default)`,
    `keeps the first ${kib(limits.responseBytes)} of your answer`,
    `After ${Number(plainSettings.eventsPerVisit.defaultText).toLocaleString('en')} events of one visit within ${spelt(hourMs, hour, 'hour')}`,
    `for as long as retries last (${defaultOption('ttlMs') / day} days with the default policy)`,
    `at least ${publishAheadMs / minute} minutes before it signs, and retired keys stay for ${spelt(keepRetiredMs, 7 * day, 'week')}`,
    `both sign for ${spelt(defaultOverlapMs, day, 'day')} (or for )`,
    `${toleranceMs / minute} minutes are allowed`,
  ],
  'docs/privacy.md': [
    `the first ${kib(limits.responseBytes)} of each answer`,
    `log retention, at most ${logRetentionMs / day} days`,
    `an answer of the API, encrypted | ${h(keepKeysMs)}`,
    `Payload ${payloadDays} days and log ${logDays} days are the defaults`,
    `${bounds(retentionBounds.payloadDays)} and ${bounds(retentionBounds.logDays)} days`,
    `the retry policy (${policyHours} h by default)`,
    `in batches of ${retentionBatch} rows`,
    `The stream keeps events ${spelt(streamKeepMs(3) - 3 * day, day, 'day').replace('a ', 'one ')} longer`,
    `a finished one at most ${longestLogMs / day} days after it was last written, and one that still waits, which holds the event, after ${longestWaitMs / day} days`,
    `That is ${word((longestWaitMs - retentionBounds.payloadDays.maximum * day) / day)} days beyond the longest payload retention`,
    `If no worker is to run for more than ${word((longestWaitMs - retentionBounds.payloadDays.maximum * day) / day)} days`,
    `${messagesAtOnce} messages at a time`,
    `Its counts are kept for ${keepErasuresMs === 366 * day ? 'a year' : '?'}`,
  ],
  'docs/openapi.json': [
    `processed once within ${keepKeysMs / hour} hours`,
    `repeatable for ${keepKeysMs / hour} hours`,
    `Default: ${defaultOverlapMs} (${spelt(defaultOverlapMs, day, 'day')})`,
    `A comment line is sent every ${s(heartbeatMs)}`,
    `refuses it within ${spelt(memory.ttlMs, second, 'second')}`,
    `has succeeded for ${noticesAfterMs.map(h).join(', then ')}; after ${disableAfterMs / day} days it is disabled`,
    `disabled after ${disableAfterMs / day} days of failure`,
    `First ${kib(limits.responseBytes)} of the answer`,
    `The last ${keptAttempts} attempts;`,
    `The last ${keptAttempts} at most`,
    `more than ${spelt(sameTraceMs, minute, 'minute')} after the event`,
    `Kept for ${keepErasuresMs === 366 * day ? 'a year' : '?'}`,
  ],
  'src/portal/page/views/keys/key-list.ts': [
    `Keep the set for up to ${spelt(freshMs, minute, 'minute')}`,
    `stays published for ${spelt(keepRetiredMs, 7 * day, 'week')}`,
  ],
  'src/portal/page/views/subscriptions/form/model/retry.ts': [
    `${delays.length + 1} attempts over about ${word(Math.round(retriesMs / day))} days`,
  ],
}

/** Figures that promise nothing: measurements, requirements of others, advice, and what another test compares. */
export const notPromised: Readonly<Record<string, readonly (string | RegExp)[]>> = {
  'docs/design.md': [
    '10,000 check-ins within two minutes',
    'grows from 44 µs with one consumer to 697 µs with 1,000',
    'The burst of the requirement is 83 events a second',
  ],
  'docs/operations.md': [
    // Sizing: measured.
    /## Sizing[\s\S]*?(?=## Limits)/,
    // The tables of limits: src/domain/limits.test.ts and src/domain/subscription-settings.test.ts compare them.
    /## Limits[\s\S]*?(?=## Backup)/,
    /20,000 events with 20,000 rows took .* including the start/,
    'A day after the last start, remove the old key',
    'The first start changes the stream within two seconds',
    'An erasure reads about 20,000 events a second',
    'another process takes over within 15 s',
    /at 50 and 100 events a second .* Processes ended in [\d.]+ to [\d.]+ s/,
  ],
  'docs/receivers.md': ['verified in ten minutes', 'a second 410 in a row'],
  'docs/privacy.md': [],
  'docs/openapi.json': ['A minute without attempts', 'To about a minute'],
}
