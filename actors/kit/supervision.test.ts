import test from 'ava'
import fc from 'fast-check'
import { Failure } from '../../src/domain/failure.ts'
import { createJudge, type Directive, pauseOnDefect, restartOnFault } from './supervision.ts'

test('the sixth fault in a minute escalates, and one that comes a minute after the first does not', t => {
  const minuteOf = (last: number) => {
    const judge = createJudge(restartOnFault)
    return [0, 1, 2, 3, 4, last].map(now => judge('fault', now).directive)
  }
  const five = Array.from({ length: 5 }, () => 'restart')
  t.deepEqual(minuteOf(59_999), [...five, 'escalate'])
  t.deepEqual(minuteOf(60_000), [...five, 'restart'])
})

test('faults escalate only when too many come within the window: those of weeks never count together', t => {
  const budget = { maxRestarts: 3, withinMs: 100 }
  fc.assert(
    fc.property(fc.array(fc.nat(80), { minLength: 1, maxLength: 40 }), pauses => {
      const judge = createJudge({ ...restartOnFault, budget })
      const faults: number[] = []
      let now = 0
      for (const pause of pauses) {
        faults.push((now += pause))
        const recent = faults.filter(at => at > now - budget.withinMs)
        t.is(judge('fault', now).directive, recent.length > budget.maxRestarts ? 'escalate' : 'restart')
      }
    }),
  )
})

test('only restarts use up the budget, and each fault gets the directive for it', t => {
  const judge = createJudge({
    ...restartOnFault,
    directiveFor: fault => fault as Directive,
    budget: { maxRestarts: 1, withinMs: 1_000 },
  })
  const faults: readonly Directive[] = ['resume', 'stop', 'escalate', 'resume', 'restart', 'restart']
  t.deepEqual(
    faults.map(fault => judge(fault, 0).directive),
    ['resume', 'stop', 'escalate', 'resume', 'restart', 'escalate'],
  )
})

test('a server that is away for an hour uses up nothing of the budget, and is asked ever less often', t => {
  for (const code of ['streams_unavailable', 'ledger_unavailable'] as const) {
    const judge = createJudge(restartOnFault)
    const delays: number[] = []
    for (let now = 0; now < 3_600_000; now += 5_000 + (delays.at(-1) ?? 0)) {
      const { directive, delayMs } = judge(new Failure(code, 'no answer within 5 s'), now)
      t.is(directive, 'restart')
      delays.push(delayMs)
    }
    t.deepEqual(delays.slice(0, 8), [100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000])
    t.true(delays.slice(6).every(delayMs => delayMs === 5_000))
    t.is(judge(new Failure(code, ''), 3_700_000).delayMs, 100, 'a minute without such a fault')
    const five = Array.from({ length: 5 }, () => judge('a defect', 3_700_000).directive)
    t.deepEqual(
      five,
      Array.from({ length: 5 }, () => 'restart'),
    )
    t.is(judge('a defect', 3_700_000).directive, 'escalate')
  }
})

test('a defect that stays pauses the work for half a minute, then ever longer, and each pause brings a new budget', t => {
  const judge = createJudge(pauseOnDefect)
  let now = 0
  const round = () => Array.from({ length: 6 }, () => judge('a defect', now))
  const pauses: number[] = []
  for (let times = 0; times < 6; times += 1) {
    const verdicts = round()
    t.deepEqual(
      verdicts.slice(0, 5),
      Array.from({ length: 5 }, () => ({ directive: 'restart', delayMs: 100 })),
    )
    t.is(verdicts[5]?.directive, 'pause')
    pauses.push(verdicts[5]?.delayMs ?? 0)
    now += pauses.at(-1) ?? 0
  }
  t.deepEqual(pauses, [30_000, 60_000, 120_000, 240_000, 300_000, 300_000])
  now += 900_001
  t.is(round()[5]?.delayMs, 30_000, 'a quarter of an hour without a pause')
})
