import test from 'ava'
import { isFailure } from '../domain/failure.ts'
import { guarded } from './faults.ts'

test('a command that the driver never settles is given up, as one whose answer was lost', async t => {
  const error = await t.throwsAsync(guarded(new Promise(() => undefined), 10))
  t.true(isFailure(error, 'ledger_unavailable'))
  t.is(await guarded(Promise.resolve(1), 10_000), 1)
})

test('what is no error of the driver passes unchanged: it is a defect', async t => {
  const defect = new TypeError('x')
  t.is(await t.throwsAsync(guarded(Promise.reject(defect))), defect)
})
