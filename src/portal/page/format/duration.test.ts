import test from 'ava'
import fc from 'fast-check'
import { durationText, exactDuration, readDuration } from './duration.ts'

test('a duration is written in at most two units', t => {
  const written = {
    340: '340 ms',
    1_500: '1.5 s',
    59_600: '1 min',
    5_400_000: '1 h 30 min',
    86_399_000: '1 d',
    309_600_000: '3 d 14 h',
  }
  for (const [ms, text] of Object.entries(written)) t.is(durationText(Number(ms)), text)
})

test('a field that is filled with an exact duration reads as the same duration', t => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 30 * 86_400_000 }), ms => readDuration(exactDuration(ms)) === ms))
  t.pass()
})

test('durations are read in the ways in which people write them', t => {
  const meant = {
    '90': 90_000,
    '1h 30min': 5_400_000,
    '1.5 h': 5_400_000,
    '2,5 s': 2_500,
    '3 d': 259_200_000,
    ' 20 SEC ': 20_000,
  }
  for (const [text, ms] of Object.entries(meant)) t.is(readDuration(text), ms, text)
  for (const text of ['', 'soon', '5 parsecs', '-3 s', 'h']) t.is(readDuration(text), null, text)
})
