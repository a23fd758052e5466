import test from 'ava'
import { isFailure } from '../domain/failure.ts'
import { guarded } from './faults.ts'

test('a command that the driver never settles fails like one with a lost answer', async t => {
  const error = await t.throwsAsync(guarded(new Promise(() => undefined), 10))
  t.true(isFailure(error, 'ledger_unavailable'))
  t.is(await guarded(Promise.resolve(1), 10_000), 1)
})

test('an error that does not come from the driver passes unchanged, as a defect', async t => {
  const defect = new TypeError('x')
  t.is(await t.throwsAsync(guarded(Promise.reject(defect))), defect)
})
