import test from 'ava'
import { defer } from 'rxjs'
import { TestScheduler } from 'rxjs/testing'
import { withPatience } from './with-patience.ts'

const patience = {
  passes: (error: unknown) => error === 'away',
  onWait: () => undefined,
  firstDelayMs: 2,
  maxDelayMs: 4,
}

test('work that failed for a reason that passes is done again, with growing and bounded delays', t => {
  new TestScheduler((actual, expected) => void t.deepEqual(actual, expected)).run(({ cold, expectObservable }) => {
    let tries = 0
    const work$ = cold('#', {}, 'away')
    const answer$ = cold('(a|)')
    const source$ = defer(() => (tries++ < 4 ? work$ : answer$))
    // 0, then 2, 4, 4 and 4 ms.
    expectObservable(source$.pipe(withPatience(patience))).toBe('14ms (a|)')
  })
})

test('any other failure goes on', t => {
  new TestScheduler((actual, expected) => void t.deepEqual(actual, expected)).run(({ cold, expectObservable }) => {
    expectObservable(cold('-#', {}, 'broken').pipe(withPatience(patience))).toBe('-#', {}, 'broken')
  })
})
