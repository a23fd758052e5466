import test from 'ava'
import { lastRange, localTime, readLocalTime } from './local-time.ts'

// Before the formats are made, which happens at the import.
process.env['TZ'] = 'Europe/Brussels'
const { absoluteTime, zoneOf } = await import('./time.ts')
const summer = Date.parse('2026-10-25T00:30:00Z')
const winter = Date.parse('2026-10-25T01:30:00Z')

test('in the night in which the clocks go back, a time shows which of two it is', t => {
  t.is(absoluteTime(summer), '25 Oct 2026, 02:30:00 CEST')
  t.is(absoluteTime(winter), '25 Oct 2026, 02:30:00 CET')
  t.deepEqual([zoneOf(summer), zoneOf(winter)], ['CEST', 'CET'])
})

test('a local time is read back as a moment that it names, and is no moment while it is incomplete', t => {
  t.deepEqual([localTime(summer), localTime(winter)], ['2026-10-25T02:30:00', '2026-10-25T02:30:00'])
  t.is(Date.parse(readLocalTime('2026-10-25T02:30:00') ?? ''), summer)
  t.is(Date.parse(readLocalTime('2026-12-01T02:30') ?? ''), Date.parse('2026-12-01T01:30:00Z'))
  t.deepEqual([readLocalTime(''), localTime(Number.NaN)], [undefined, ''])
})

test('the last hour is an hour long in the night in which the clocks go back', t => {
  const { from, to } = lastRange(3_600_000, winter)
  t.deepEqual([from, to], ['2026-10-25T00:30:00.000Z', '2026-10-25T01:30:00.000Z'])
})
