/**
 * `npm run generate`: writes every generated file: dashboards and rules, docs/telemetry.md, docs/openapi.json, docs/settings.md,
 * the types of the receivers' kit, and the lockfile without engines. `-- screenshots` takes the pictures of docs/images/ instead, for which it needs Chromium.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { eventTypes } from '../config/event-types/index.ts'
import { settingsPage } from '../config/settings-page.ts'
import { generated } from './dashboards/generated.ts'
import { withoutEngines } from './lockfile.ts'
import { publishedOpenApi } from './openapi/published.ts'
import { eventDataSource } from './receiver-package/event-data.ts'

const root = join(import.meta.dirname, '..')
const [what, ...others] = process.argv.slice(2)

const writeAll = async (): Promise<void> => {
  const files = {
    ...(await generated()),
    'docs/openapi.json': await publishedOpenApi(),
    'docs/settings.md': settingsPage(),
    'src/receiver/event-data.ts': eventDataSource(eventTypes),
    'package-lock.json': withoutEngines(readFileSync(join(root, 'package-lock.json'), 'utf8')),
  }
  for (const [path, text] of Object.entries(files)) {
    const file = join(root, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
    process.stdout.write(`${path}\n`)
  }
}

if (what === undefined) await writeAll()
else if (what === 'screenshots' && others.length === 0) await import('../test/portal/screenshots.ts')
else {
  process.stderr.write('Usage: npm run generate [-- screenshots]\n')
  process.exitCode = 2
}
