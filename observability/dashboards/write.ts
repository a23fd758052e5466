import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { generated } from './generated.ts'

/** `npm run dashboards`: writes what is made of the catalogue, the rules and the dashboards. */
for (const [path, text] of Object.entries(await generated())) {
  const file = join(import.meta.dirname, '../..', path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
  process.stdout.write(`${path}\n`)
}
