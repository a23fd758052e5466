import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { generated } from './generated.ts'

/** `npm run dashboards`: writes what is made of the catalogue, the rules and the dashboards. */
for (const [path, text] of Object.entries(await generated())) {
  writeFileSync(join(import.meta.dirname, '..', path), text)
  process.stdout.write(`${path}\n`)
}
