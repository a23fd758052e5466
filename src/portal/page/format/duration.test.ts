import test from 'ava'
import fc from 'fast-check'
import { durationText, exactDuration, readDuration } from './duration.ts'

test('a duration is said in at most two units', t => {
  const said = {
    340: '340 ms',
    1_500: '1.5 s',
    59_600: '1 min',
    5_400_000: '1 h 30 min',
    86_399_000: '1 d',
    309_600_000: '3 d 14 h',
  }
  for (const [ms, text] of Object.entries(said)) t.is(durationText(Number(ms)), text)
})

test('what a field shows means what it was made of', t => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 30 * 86_400_000 }), ms => readDuration(exactDuration(ms)) === ms))
  t.pass()
})

test('people write durations in their own way', t => {
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
