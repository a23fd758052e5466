import test from 'ava'
import type { Finding, Repair } from './finding.ts'
import { createRestore, running } from './restore.ts'

const finding = (object: string, ...repairs: Repair[]): Finding => ({
  object,
  difference: 'is missing',
  promise: '',
  remedy: '',
  refusesEvents: false,
  repairs,
})
const drop = (index: string): Repair => ({ type: 'drop', collection: 'tokens', index })
const never = () => new Promise(() => undefined)

test('what is as needed after its repairs was restored; the rest is broken, with the error of its repair', async t => {
  const [a, b, c] = [finding('a', drop('1'), drop('2')), finding('b', drop('3'), drop('4')), finding('c')]
  const comparisons = [
    [a, b, c],
    [b, c],
  ]
  const repaired: Repair[] = []
  const fault = new Error('refused')
  const restore = createRestore({
    compare: async () => comparisons.shift() ?? [],
    repair: async order => {
      repaired.push(order)
      if (order === b.repairs[0]) throw fault
    },
    patience: never,
  })
  t.deepEqual(await restore(), {
    restored: [a],
    broken: [
      { finding: b, fault },
      { finding: c, fault: undefined },
    ],
  })
  t.deepEqual(
    new Set(repaired.map(each => ('index' in each ? each.index : ''))),
    new Set(['1', '3', '2']),
    'after an error the rest of a repair is left out',
  )
})

test('what is as needed is not repaired, and compared once', async t => {
  let compared = 0
  const restore = createRestore({
    compare: async () => ((compared += 1), []),
    repair: async () => t.fail(),
    patience: never,
  })
  t.deepEqual(await restore(), { restored: [], broken: [] })
  t.is(compared, 1)
})

test('a repair that takes its time is not begun again while it runs, and is over for the next comparison after it', async t => {
  const long = finding('long', drop('1'))
  const { promise, resolve } = Promise.withResolvers<void>()
  let [begun, isMissing] = [0, true]
  const restore = createRestore({
    compare: async () => (isMissing ? [long] : []),
    repair: async () => {
      begun += 1
      await promise
      isMissing = false
    },
    patience: async () => undefined,
  })
  t.deepEqual(await restore(), { restored: [], broken: [{ finding: long, fault: running }] })
  t.deepEqual(await restore(), { restored: [], broken: [{ finding: long, fault: running }] })
  t.is(begun, 1)
  resolve()
  await new Promise(setImmediate)
  t.deepEqual(await restore(), { restored: [], broken: [] })
})

test('what another process repaired in the meantime counts as restored, whatever the own repair met', async t => {
  const ours = finding('ours', drop('1'))
  const comparisons = [[ours], []]
  const restore = createRestore({
    compare: async () => comparisons.shift() ?? [],
    repair: async () => Promise.reject(new Error('done already')),
    patience: never,
  })
  t.deepEqual(await restore(), { restored: [ours], broken: [] })
})

test('a server that does not answer a comparison is the caller’s to report', async t => {
  const away = new Error('away')
  const restore = createRestore({ compare: () => Promise.reject(away), repair: async () => undefined, patience: never })
  t.is(await t.throwsAsync(restore), away)
})
