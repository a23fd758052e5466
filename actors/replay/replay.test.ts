import test from 'ava'
import { lastValueFrom } from 'rxjs'
import type { Replay } from '../../src/domain/replay.ts'
import { runReplay } from './replay.ts'

const replay: Replay = {
  id: 'rpl_1',
  tenant: 'acme',
  subscriptionId: 'sub_1',
  from: 0,
  to: 1_000,
  selection: 'all',
  perSecond: 100,
  state: 'running',
  total: 2,
  opened: 0,
  skipped: 0,
  cursor: null,
  traceparent: '',
  createdAt: 0,
  finishedAt: null,
}

/** Two deliveries to be opened; `open` is what the ledger does, `advance` whether the replay goes on. */
const run = async (open: () => void, advance: () => boolean) => {
  const letGo: string[] = []
  let pages = 0
  await lastValueFrom(
    runReplay({
      next: async () =>
        (pages += 1) > 1
          ? []
          : ['a', 'b'].map(id => ({ cursor: { createdAt: 1, id }, open: async () => (open(), true) })),
      advance: async () => advance(),
      afterCancel: async ({ id }) => void letGo.push(id),
      wake: () => undefined,
      isOurs: () => true,
      patience: { passes: () => false, onWait: () => undefined },
      now: () => 500,
    })(replay),
  )
  return letGo
}

test('what a batch opens while its replay is cancelled is put back', async t => {
  let isCancelled = false
  const cancelled = await run(
    () => (isCancelled = true),
    () => !isCancelled,
  )
  t.deepEqual(cancelled, ['rpl_1'])
})

test('a replay that goes on to its end lets nothing go', async t => {
  let opened = 0
  t.deepEqual(
    await run(
      () => (opened += 1),
      () => true,
    ),
    [],
  )
  t.is(opened, 2)
})
