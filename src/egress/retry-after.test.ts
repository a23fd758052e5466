import test from 'ava'
import { readRetryAfter } from './retry-after.ts'

const now = Date.parse('2026-03-02T08:56:12Z')

test('Retry-After is seconds or a date; a date in the past is now, and anything else is ignored', t => {
  for (const [header, delayMs] of [
    ['120', 120_000],
    [' 0 ', 0],
    [['7', '9'], 7_000],
    ['Mon, 02 Mar 2026 08:57:12 GMT', 60_000],
    ['Mon, 02 Mar 2026 08:55:12 GMT', 0],
    ['', null],
    ['  ', null],
    ['soon', null],
    [undefined, null],
    [[], null],
  ] as const)
    t.is(readRetryAfter(header as string | string[] | undefined, now), delayMs, JSON.stringify(header))
})
