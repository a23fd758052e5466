import test from 'ava'
import { mutantsOf, planted } from './plant.ts'

/** The faults that are planted in a source, as `kind: source with the fault`. */
const faultsIn = (source: string): readonly string[] =>
  mutantsOf(source).map(mutant => `${mutant.kind}: ${planted(source, mutant)}`)

const cases: readonly { source: string; faults: readonly string[] }[] = [
  { source: 'if (a) b()', faults: ['condition negated: if (!(a)) b()', 'step left out: if (a) ;'] },
  { source: 'const x: boolean = a < b', faults: ['comparison: const x: boolean = a <= b'] },
  { source: 'const x = 5 as number', faults: ['constant doubled: const x = (5 * 2) as number'] },
  {
    source: 'const x = { tenant, id }',
    faults: ['property left out: const x = { id }', 'property left out: const x = { tenant }'],
  },
  { source: 'const x = { $lt: at }', faults: ['query operator: const x = { $lte: at }'] },
  { source: "const x = { description: 'It waits.' }", faults: [] },
  { source: "const x = 'a' + b", faults: [] },
  { source: 'const f = async () => await g()', faults: ['await dropped: const f = async () => (g())'] },
  { source: 'const x = f(a, b)', faults: ['argument not passed on: const x = f(a)'] },
  { source: 'const x = a ?? b', faults: ['default only: const x = (b)'] },
  { source: 'const x = a && b', faults: ['logical: const x = (a) || (b)'] },
  { source: 'const x = list.filter(f)', faults: ['call left out: const x = list'] },
  {
    source: 'const x = source.pipe(take, map)',
    faults: ['operator left out: const x = source.pipe(map)', 'operator left out: const x = source.pipe(take)'],
  },
]

for (const { source, faults } of cases)
  test(`the faults planted in "${source}" are those that a tired engineer makes`, t => {
    t.deepEqual(faultsIn(source), faults)
  })
