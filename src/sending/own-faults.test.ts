import test from 'ava'
import { createOwnFaultLog } from './own-faults.ts'

test('each reason is logged once a minute, with the number of attempts since its last line and what to do', t => {
  let now = 0
  const lines: [{ code?: string; attempts?: number; remedy?: string }, string][] = []
  const note = createOwnFaultLog({ error: (...line: never[]) => void lines.push(line as never) } as never, () => now)
  for (let n = 0; n < 100; n += 1) note('EMFILE')
  note('NO_SLOT')
  now = 59_999
  note('EMFILE')
  now = 60_000
  note('EMFILE')
  now = 61_000
  note('EMFILE')
  t.deepEqual(
    lines.map(([{ code, attempts }]) => [code, attempts]),
    [
      ['EMFILE', 1],
      ['NO_SLOT', 1],
      ['EMFILE', 101],
    ],
  )
  t.regex(lines[0]?.[0].remedy ?? '', /ulimit -n 65536.*use up no attempt$/)
  t.is(lines[0]?.[1], 'this process has no file descriptor left')
})
