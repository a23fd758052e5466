import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { equivalents } from './equivalents.ts'
import { mutantsOf } from './plant.ts'

test('each fault that is said to change nothing can still be planted on its line', t => {
  for (const { file, line, kind, why } of equivalents) {
    const source = readFileSync(join(import.meta.dirname, '../..', file), 'utf8')
    const at = mutantsOf(source).filter(mutant => {
      const from = source.lastIndexOf('\n', mutant.start - 1) + 1
      return mutant.kind === kind && source.slice(from).split('\n', 1)[0]?.trim() === line
    })
    t.true(at.length > 0, `${file}: ${line}`)
    t.regex(why, /\.$/)
  }
})
