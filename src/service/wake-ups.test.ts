import test from 'ava'
import { dispatch, retentionSignal } from './wake-ups.ts'

test('a wake-up signal reaches the job of its kind alone, and one for the API reaches none', t => {
  const heard: string[] = []
  const wake = dispatch({
    replay: () => heard.push('replay'),
    erasure: () => heard.push('erasure'),
    retention: tenant => heard.push(`retention of ${tenant}`),
    subscription: id => heard.push(`subscription ${id}`),
  })
  for (const id of ['rpl_1', 'era_1', retentionSignal('acme'), 'tok_1', 'sub_1']) wake(id)
  t.deepEqual(heard, ['replay', 'erasure', 'retention of acme', 'subscription sub_1'])
})
