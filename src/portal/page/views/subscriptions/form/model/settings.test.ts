import test from 'ava'
import { settingDefaults } from '../../../../../../domain/subscription-settings.ts'
import { readFilterValues } from './events.ts'
import { recommendedDelaysMs } from './retry.ts'
import { changedIn, draftOf, emptyDraft, patchOf, readDraft, rebased } from './settings.ts'

const settings = {
  url: 'https://example.com/hook',
  eventTypes: ['visit.*'],
  filter: { site: ['ghent', '12'], floor: [3], vip: [true] },
  retry: { maxAttempts: 5, firstDelayMs: 1_500, factor: 2.5, maxDelayMs: 5_400_000, giveUpAfterMs: 172_800_000 },
  timeoutMs: 12_345,
  ratePerSecond: 0.5,
  maxInFlight: 8,
  ordering: 'visit',
  expiresAfterMs: 90_000,
  payload: 'thin',
  headers: { 'x-key': '***' },
  auth: { type: 'basic', username: 'door', password: '***' },
  propagateTrace: true,
  requireVerification: true,
} as const

test('a draft of settings reads as the same settings', t => {
  const { settings: read, faults } = readDraft(draftOf(settings))
  t.deepEqual(read, settings as never)
  t.is(faults.size, 0)
})

test('a new form shows the defaults of the service', t => {
  t.deepEqual(settingDefaults.retry, { delaysMs: recommendedDelaysMs })
  t.like(readDraft(emptyDraft).settings, settingDefaults)
})

test('a value that is missing, not a duration or not a number is reported at its field', t => {
  const draft = { ...emptyDraft, timeout: 'soon', maxInFlight: '', retryKind: 'list', delays: '5 s, later' } as const
  t.deepEqual(
    [...readDraft(draft).faults.keys()],
    ['/url', '/eventTypes', '/retry/delaysMs', '/timeoutMs', '/maxInFlight'],
  )
})

test('values of a filter are text unless they are numbers or booleans; quotes make them text', t => {
  t.deepEqual(readFilterValues('brussels-hq, 12, true, "12", "a, b"'), ['brussels-hq', 12, true, '12', 'a, b'])
})

test('a patch contains the differences, and null removes a field', t => {
  const after = { ...settings, headers: { 'x-other': 'v' }, ratePerSecond: undefined, filter: { site: ['ghent'] } }
  t.deepEqual(patchOf(settings as never, after as never), {
    headers: { 'x-key': null, 'x-other': 'v' },
    ratePerSecond: null,
    filter: { site: ['ghent'], floor: null, vip: null },
  })
  t.deepEqual(patchOf(settings as never, settings as never), {})
})

test('changes are applied to the settings that another person saved in the meantime', t => {
  const mine = { ...settings, timeoutMs: 5_000, ratePerSecond: undefined }
  const theirs = { ...settings, payload: 'full', timeoutMs: 9_000 }
  const result = rebased(settings, mine as never, theirs as never)
  t.like(result, { payload: 'full', timeoutMs: 5_000 })
  t.false('ratePerSecond' in result)
  t.deepEqual(changedIn(theirs as never, result), ['timeoutMs', 'ratePerSecond'])
})
