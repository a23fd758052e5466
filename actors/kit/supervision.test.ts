import test from 'ava'
import fc from 'fast-check'
import { createJudge, type Directive, restartOnFault } from './supervision.ts'

test('the sixth fault in a minute escalates, and one that comes a minute after the first does not', t => {
  const minuteOf = (last: number) => {
    const judge = createJudge(restartOnFault)
    return [0, 1, 2, 3, 4, last].map(now => judge('fault', now))
  }
  const five = Array.from({ length: 5 }, () => 'restart')
  t.deepEqual(minuteOf(59_999), [...five, 'escalate'])
  t.deepEqual(minuteOf(60_000), [...five, 'restart'])
})

test('faults escalate only when too many come within the window: those of weeks never count together', t => {
  const budget = { maxRestarts: 3, withinMs: 100 }
  fc.assert(
    fc.property(fc.array(fc.nat(80), { minLength: 1, maxLength: 40 }), pauses => {
      const judge = createJudge({ directiveFor: () => 'restart', budget })
      const faults: number[] = []
      let now = 0
      for (const pause of pauses) {
        faults.push((now += pause))
        const recent = faults.filter(at => at > now - budget.withinMs)
        t.is(judge('fault', now), recent.length > budget.maxRestarts ? 'escalate' : 'restart')
      }
    }),
  )
})

test('only restarts use up the budget, and each fault gets the directive for it', t => {
  const judge = createJudge({
    directiveFor: fault => fault as Directive,
    budget: { maxRestarts: 1, withinMs: 1_000 },
  })
  const faults: readonly Directive[] = ['resume', 'stop', 'escalate', 'resume', 'restart', 'restart']
  t.deepEqual(
    faults.map(fault => judge(fault, 0)),
    ['resume', 'stop', 'escalate', 'resume', 'restart', 'escalate'],
  )
})
