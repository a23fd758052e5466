import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { whatOthersChange } from './others.ts'

const root = join(import.meta.dirname, '../..')

test('docs/faults.md lists what others may change, and each row has a test', t => {
  const lines = whatOthersChange()
  const page = readFileSync(join(root, 'docs/faults.md'), 'utf8')
  t.true(page.includes(lines.join('\n')), 'npm run test:faults writes it')
  const tests = lines.flatMap(line => /\[test\]\(\.\.\/(.*)\) \|$/.exec(line)?.[1] ?? [])
  t.is(tests.length, lines.filter(line => line.startsWith('| ')).length - 1)
  for (const file of tests) t.true(existsSync(join(root, file)), file)
})
