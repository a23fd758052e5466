import test from 'ava'
import { emptyBacklog } from './backlog.ts'
import { replaySelections } from './replay.ts'

test('a subscription without waiting deliveries has no backlog', t => {
  t.deepEqual(emptyBacklog, { pending: 0, held: 0, oldestPendingAt: null })
})

test('a replay selects deliveries that ended, or events that have none', t => {
  t.deepEqual([...replaySelections], ['all', 'delivered', 'dead', 'cancelled', 'missing'])
})
