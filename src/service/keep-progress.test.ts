import test from 'ava'
import { fakeParts } from '../../test/support/fake-parts.ts'
import { createProgressKeeper } from './keep-progress.ts'

const at = (sequence: number, now: number) => ({
  processed: new Map([[3, sequence - 1]]),
  highest: { sequence, at: now },
})

test('progress is stored when it has changed, and a fault of a server is reported and waits', async t => {
  let found = at(7, 1)
  let isAway = false
  const away = new Error('away')
  const { ports, of, calls } = fakeParts({
    'streams.progress': async () => found,
    'ledger.progress.save': async () => (isAway ? Promise.reject(away) : undefined),
  })
  const keep = createProgressKeeper(ports)
  await keep()
  found = at(7, 2)
  await keep()
  t.deepEqual(of('ledger.progress.save'), [[at(7, 1)]])
  found = at(8, 3)
  isAway = true
  await keep()
  t.deepEqual(of('patience.onWait'), [[away, 5_000]])
  isAway = false
  await keep()
  t.deepEqual(of('ledger.progress.save').slice(1), [[at(8, 3)], [at(8, 3)]])
  t.is(calls.filter(([path]) => path === 'streams.progress').length, 4)
})
