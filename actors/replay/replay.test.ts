import test from 'ava'
import { type Observable, toArray } from 'rxjs'
import { TestScheduler } from 'rxjs/testing'
import type { Replay } from '../../src/domain/replay.ts'
import { settled, virtualTime } from '../../test/support/virtual-time.ts'
import { type Candidate, type ReplayPorts, runReplay } from './replay.ts'

const start = 1_000_000
const away = new Error('the ledger is away')
const replay = (change: Partial<Replay> = {}): Replay => ({
  id: 'rpl_1',
  tenant: 'acme',
  subscriptionId: 'sub_1',
  from: 0,
  to: 1_000,
  selection: 'all',
  perSecond: 10,
  state: 'running',
  total: 2,
  opened: 0,
  skipped: 0,
  cursor: null,
  traceparent: '',
  createdAt: start,
  finishedAt: null,
  ...change,
})
const cursor = (id: string) => ({ createdAt: 1, id })

/**
 * Ports over pages of deliveries: `-` is one whose content is gone, `!` one that has changed. `calls` are the calls in order, with what
 * the call got.
 */
const ports = (pages: readonly (readonly string[])[], change: Partial<ReplayPorts> = {}) => {
  const calls: unknown[][] = []
  const left = [...pages]
  const candidate = (id: string): Candidate => ({
    cursor: cursor(id),
    open: id.startsWith('-') ? null : async dueAt => (calls.push(['open', id, dueAt - start]), !id.startsWith('!')),
  })
  const all: ReplayPorts = {
    next: async (of, limit) => (calls.push(['next', of.cursor, limit]), (left.shift() ?? []).map(candidate)),
    advance: async of => (calls.push(['advance', of]), true),
    afterCancel: async of => void calls.push(['afterCancel', of]),
    wake: id => void calls.push(['wake', id]),
    isOurs: () => true,
    patience: { passes: error => error === away, onWait: () => undefined, firstDelayMs: 1, maxDelayMs: 1 },
    now: () => start,
    ...change,
  }
  return { calls, run: (of = replay()) => runReplay(all)(of) }
}
const statesOf = (run$: Observable<Replay>): { readonly states: Replay[]; readonly isComplete: () => boolean } => {
  const states: Replay[] = []
  let complete = false
  run$.subscribe({ next: state => states.push(state), complete: () => (complete = true) })
  return { states, isComplete: () => complete }
}

test.serial(
  'a replay opens its deliveries at its rate, stores its progress, wakes the subscription, and ends',
  async t => {
    const time = virtualTime(t, start)
    const { calls, run } = ports([['a', 'b'], ['c']])
    const { states, isComplete } = statesOf(run())
    await time.pass(10)
    const first = replay({ opened: 2, cursor: cursor('b') })
    const second = replay({ opened: 3, cursor: cursor('c') })
    const done = replay({ opened: 3, cursor: cursor('c'), state: 'done', finishedAt: start })
    t.deepEqual(
      calls.map(([name, ...args]) => (name === 'advance' ? name : [name, ...args])),
      [
        ['next', null, 100],
        ['open', 'a', 0],
        ['open', 'b', 100],
        ['wake', 'sub_1'],
        'advance',
        ['next', cursor('b'), 100],
        ['open', 'c', 200],
        ['wake', 'sub_1'],
        'advance',
        ['next', cursor('c'), 100],
        'advance',
      ],
    )
    t.deepEqual(states, [replay(), first, second, done])
    t.deepEqual(
      calls.filter(([name]) => name === 'advance').map(([, of]) => of),
      [first, second, done],
    )
    t.true(isComplete())
  },
)

test.serial(
  'a delivery whose content is gone is counted as skipped; one that has changed is left as it is',
  async t => {
    const time = virtualTime(t, start)
    const { calls, run } = ports([['-gone', '!changed', 'a']])
    const { states } = statesOf(run())
    await time.pass(10)
    t.like(states[1], { opened: 1, skipped: 1, cursor: cursor('a') })
    t.deepEqual(
      calls.filter(([name]) => name === 'open'),
      [
        ['open', '!changed', 0],
        ['open', 'a', 0],
      ],
      'neither takes a place in the rate',
    )
  },
)

test.serial('a replay that was away for a while does not make up for it: nothing is due in the past', async t => {
  const time = virtualTime(t)
  const { calls, run } = ports([['a', 'b']], { now: () => start + 5_000 })
  statesOf(run(replay({ opened: 20 })))
  await time.pass(10)
  t.deepEqual(
    calls.filter(([name]) => name === 'open').map(([, , dueMs]) => dueMs),
    [5_000, 5_000],
  )
})

test.serial('rows are opened half a minute before they are due, not earlier', async t => {
  const time = virtualTime(t, start)
  const { calls, run } = ports([['a']], { now: () => Date.now() })
  statesOf(run(replay({ opened: 301 })))
  await time.pass(99)
  t.deepEqual(calls, [])
  await time.pass(2)
  t.deepEqual(calls.slice(0, 2), [
    ['next', null, 100],
    ['open', 'a', 30_100],
  ])
})

test.serial('a rate that does not divide a second is rounded to a millisecond', async t => {
  const time = virtualTime(t, start)
  const { calls, run } = ports([['a', 'b', 'c']])
  statesOf(run(replay({ perSecond: 3 })))
  await time.pass(10)
  t.deepEqual(
    calls.filter(([name]) => name === 'open').map(([, , dueMs]) => dueMs),
    [0, 333, 666],
  )
})

test.serial('when a replay is cancelled during a batch, what the batch opened is put back, and it ends', async t => {
  const time = virtualTime(t, start)
  const { calls, run } = ports([['a'], ['b']], { advance: async () => false })
  const { states, isComplete } = statesOf(run())
  await time.pass(10)
  t.deepEqual(calls.slice(-2), [
    ['wake', 'sub_1'],
    ['afterCancel', replay({ opened: 1, cursor: cursor('a') })],
  ])
  t.deepEqual(states, [replay()])
  t.true(isComplete())
})

test('a replay that is not running, or that another worker owns, opens nothing', async t => {
  for (const [of, isOurs] of [
    [replay({ state: 'cancelled' }), true],
    [replay({ state: 'done' }), true],
    [replay(), false],
  ] as const) {
    const asked: Replay[] = []
    const { calls, run } = ports([['a']], { isOurs: each => (asked.push(each), isOurs) })
    const { states, isComplete } = statesOf(run(of))
    await settled()
    t.deepEqual([calls, states, isComplete()], [[], [of], true])
    t.deepEqual(asked, of.state === 'running' ? [of] : [])
  }
})

test.serial('while the ledger is away a replay waits, and does each step again', async t => {
  const time = virtualTime(t, start)
  for (const port of ['next', 'advance', 'afterCancel'] as const) {
    let tries = 0
    const cancelled = port === 'afterCancel' ? { advance: async () => false } : {}
    const { run, calls } = ports([['a']], {
      ...cancelled,
      [port]: async () => {
        tries += 1
        if (tries === 1) throw away
        return port === 'next' ? [] : true
      },
    })
    const { isComplete } = statesOf(run())
    await time.pass(20)
    t.true(tries >= 2, port)
    t.true(isComplete(), port)
    t.true(calls.length > 0)
  }
})

test('a replay that waits can be stopped', t => {
  new TestScheduler((actual, expected) => void t.deepEqual(actual, expected)).run(({ expectObservable }) => {
    const { run } = ports([['a']], { now: () => start })
    expectObservable(run(replay({ opened: 900 })).pipe(toArray()), '^ 100ms !').toBe('')
  })
})
