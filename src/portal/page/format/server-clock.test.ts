import test from 'ava'
import { noteServerTime, serverNow } from './server-clock.ts'

test.serial(
  'the time is the server’s as its last answer says, and this machine’s where they agree to a second or two',
  t => {
    const aheadMs = () => Math.round((serverNow() - Date.now()) / 60_000) * 60_000
    const here = Date.parse('2026-10-25T01:00:00Z')
    const cases = [
      ['Sun, 25 Oct 2026 03:00:00 GMT', 7_200_000],
      ['Sun, 25 Oct 2026 01:00:01 GMT', 0],
      ['Sun, 25 Oct 2026 00:30:00 GMT', -1_800_000],
    ] as const
    for (const [date, expected] of cases) {
      noteServerTime(date, here)
      t.is(aheadMs(), expected)
    }
    noteServerTime(null, here)
    noteServerTime('soon', here)
    t.is(aheadMs(), -1_800_000, 'an answer without a date says nothing')
    noteServerTime('Sun, 25 Oct 2026 01:00:00 GMT', here)
    t.is(serverNow() - Date.now(), 0)
  },
)
