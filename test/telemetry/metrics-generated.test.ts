import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { generated } from '../../tools/dashboards/generated.ts'

test('what `npm run generate` writes is what is committed', async t => {
  for (const [path, text] of Object.entries(await generated())) {
    const committed = readFileSync(join(import.meta.dirname, '../..', path), 'utf8')
    t.true(committed === text, `${path} is stale: run npm run generate`)
  }
})
