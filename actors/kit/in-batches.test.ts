import test from 'ava'
import { delay, of } from 'rxjs'
import { TestScheduler } from 'rxjs/testing'
import { inBatches } from './in-batches.ts'

const marbles = (t: { deepEqual: (a: unknown, b: unknown) => boolean }) =>
  new TestScheduler((actual, expected) => void t.deepEqual(actual, expected))

test('a lone value is processed at once, and the values that arrive during its work form the next batch', t => {
  marbles(t).run(({ hot, expectObservable }) => {
    const source$ = hot('  a-bc-d-----|')
    const work = (batch: readonly string[]) => of(batch.join('')).pipe(delay(3))
    // a takes frames 0–3; b and c arrive during that time and take 3–6; d takes 6–9.
    expectObservable(source$.pipe(inBatches(10, work))).toBe('---x--y--z-|', { x: 'a', y: 'bc', z: 'd' })
  })
})

test('a batch holds no more than its limit', t => {
  marbles(t).run(({ hot, expectObservable }) => {
    const source$ = hot('(abcde)|')
    const work = (batch: readonly string[]) => of(batch.join('')).pipe(delay(10))
    expectObservable(source$.pipe(inBatches(2, work))).toBe('10ms x 9ms y 9ms (z|)', { x: 'a', y: 'bc', z: 'de' })
  })
})

test('the end of the source waits for the batch under way', t => {
  marbles(t).run(({ hot, expectObservable }) => {
    const work = (batch: readonly string[]) => of(batch.length).pipe(delay(5))
    expectObservable(hot('a|').pipe(inBatches(2, work))).toBe('-----(x|)', { x: 1 })
  })
})

test('a failure of the work is a failure of the stream', t => {
  marbles(t).run(({ hot, cold, expectObservable }) => {
    expectObservable(hot('a--').pipe(inBatches(2, () => cold('-#')))).toBe('-#')
  })
})
