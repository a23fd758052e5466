import test from 'ava'
import { isDateTime } from './date-time.ts'

/** RFC 3339 §5.6 to §5.8, and what receivers' parsers refuse. */
const table = [
  ['2026-03-02T08:56:12Z', true, 'UTC'],
  ['2026-03-02T08:56:12+05:30', true, 'an offset of half hours'],
  ['2026-03-02T08:56:12-23:59', true, 'the largest offset'],
  ['2026-03-02T08:56:59.1Z', true, 'a tenth of a second'],
  ['2026-03-02T08:56:12.123456789Z', true, 'nanoseconds'],
  ['2024-02-29T00:00:00Z', true, 'a leap day'],
  ['0001-01-01T00:00:00Z', true, 'the first year'],
  ['2026-03-02T08:56:12', false, 'no offset'],
  ['2026-03-02 08:56:12Z', false, 'a space for the T'],
  ['2026-03-02t08:56:12z', false, 'small letters'],
  ['2026-03-02T08:56:12.1234567890Z', false, 'ten digits of a second'],
  ['2026-03-02T08:56:12.Z', false, 'no digit of a second'],
  ['2026-03-02T08:56Z', false, 'no seconds'],
  ['2026-03-02T08:56:12+0530', false, 'an offset without its colon'],
  ['2026-03-02T08:56:12+24:00', false, 'an offset of a day'],
  ['2016-12-31T23:59:60Z', false, 'a leap second'],
  ['2026-02-29T00:00:00Z', false, 'a day that does not exist'],
  ['2026-13-01T00:00:00Z', false, 'a month that does not exist'],
  ['2026-03-02T24:00:00Z', false, 'an hour that does not exist'],
  ['2026-03-02T08:60:00Z', false, 'a minute that does not exist'],
  [' 2026-03-02T08:56:12Z', false, 'a space before'],
  ['2026-03-02T08:56:12Z\n', false, 'a line feed behind'],
  ['12026-03-02T08:56:12Z', false, 'a year of five digits'],
] as const

test('a time is accepted as RFC 3339 has it, where each receiver’s parser reads it, and only if it exists', t => {
  for (const [text, accepted, why] of table) t.is(isDateTime(text), accepted, why)
})
