import { mock } from 'node:test'
import test from 'ava'
import type { Candidate } from '../../actors/replay/replay.ts'
import { fakePorts } from '../../test/support/fake-ports.ts'
import type { Replay } from '../domain/replay.ts'
import { createReplays, type ReplayParts } from './replays.ts'

const now = 1_800_000_000_000
test.serial.beforeEach(() => mock.timers.enable({ apis: ['Date', 'setInterval'], now }))
test.serial.afterEach.always(() => mock.timers.reset())

const replay: Replay = {
  id: 'rpl_1',
  tenant: 'acme',
  subscriptionId: 'sub_1',
  from: 1_000,
  to: 2_000,
  selection: 'all',
  perSecond: 1_000_000,
  state: 'running',
  total: 3,
  opened: 0,
  skipped: 0,
  cursor: null,
  traceparent: '',
  createdAt: now,
  finishedAt: null,
}
const other: Replay = { ...replay, id: 'rpl_2', tenant: 'globex' }
const away = new Error('away')

const replaysOf = (
  answers: Readonly<Record<string, unknown>> = {},
  owns = (tenant: string): boolean => tenant === 'acme',
) => {
  const fake = fakePorts<ReplayParts>({
    'ledger.replays.running': async () => [replay, other],
    'ledger.replays.advance': async () => true,
    candidates: async () => [],
    ...answers,
  })
  const { ledger, log, candidates, wake } = fake.ports
  const patience = { passes: (error: unknown) => error === away, onWait: () => undefined, firstDelayMs: 0 }
  const of = (name: string) => fake.calls.filter(([path]) => path === name).map(([, ...args]) => args)
  return { ...fake, of, replays: createReplays({ ledger, log, candidates, wake, owns, patience }) }
}
const settled = async () => {
  for (let turn = 0; turn < 20; turn += 1) {
    mock.timers.tick(0)
    await new Promise(resolve => setImmediate(resolve))
  }
}

test.serial('replays of this process’s tenants run until nothing is left, and each runs once at a time', async t => {
  const opened: number[] = []
  const pages: Candidate[][] = [[{ cursor: { sequence: 1 }, open: async dueAt => (opened.push(dueAt), true) }], []]
  const { replays, of, lines } = replaysOf({ candidates: async () => pages.shift() ?? [] })
  await replays.look()
  await replays.look()
  await settled()
  t.is(of('ledger.replays.running').length, 2)
  t.deepEqual(lines, [
    ['info', { replayId: 'rpl_1', subscriptionId: 'sub_1', tenant: 'acme', total: 3 }, 'replay runs'],
  ])
  t.deepEqual(
    of('candidates').map(([each, limit]) => [(each as Replay).cursor, limit]),
    [
      [null, 100],
      [{ sequence: 1 }, 100],
    ],
  )
  t.deepEqual(opened, [now])
  t.deepEqual(of('wake'), [['sub_1']])
  const [, done] = of('ledger.replays.advance').map(([advanced]) => advanced as Replay)
  t.like(done, { state: 'done', opened: 1, finishedAt: now })
  await replays.look()
  await settled()
  t.is(lines.length, 2, 'a replay that still runs according to the ledger continues')
})

test.serial('a replay that was cancelled while it opened rows takes these back', async t => {
  const { replays, of } = replaysOf({ 'ledger.replays.advance': async () => false })
  await replays.look()
  await settled()
  const [[cancelled, at] = []] = of('ledger.replays.afterCancel')
  t.like(cancelled, { id: 'rpl_1' })
  t.is(at, now)
})

test.serial('a replay waits while a server is away, and a defect is reported; the next look continues it', async t => {
  const defect = new Error('a defect')
  const faults = [away, defect]
  const { replays, of, lines } = replaysOf({ candidates: () => Promise.reject(faults.shift()) })
  await replays.look()
  await settled()
  t.is(of('candidates').length, 2)
  const remedy = 'a defect: report it with this line; the replay continues in 30 s'
  t.deepEqual(lines[1], [
    'error',
    { err: defect, replayId: 'rpl_1', subscriptionId: 'sub_1', remedy },
    'a replay failed',
  ])
  await replays.look()
  await settled()
  t.is(of('candidates').length, 3)
})

test.serial(
  'a replay whose tenant went to another process ends here with the batch under way, and so it does at a stop',
  async t => {
    const candidate: Candidate = { cursor: { sequence: 1 }, open: async () => true }
    for (const end of ['lose', 'stop']) {
      let owned = true
      const { replays, of } = replaysOf(
        {
          candidates: async () => {
            if (end === 'stop') replays.stop()
            owned = end === 'stop'
            return [candidate]
          },
        },
        tenant => tenant === 'acme' && owned,
      )
      await replays.look()
      await settled()
      t.is(of('candidates').length, 1, end)
    }
  },
)
