/** `npm run check`: types, lint, layers and format, or those that are named. `-- --fix` writes the format. */
import { spawnSync } from 'node:child_process'

const isFix = process.argv.includes('--fix')
const folders = ['src', 'actors', 'config', 'observability', 'test', 'examples', 'bench', 'tools', '.ci']

/** Each command is a package's or a file's that Node runs. */
const checks: Readonly<Record<string, readonly (readonly string[])[]>> = {
  types: [
    ['tsc', '-p', '.'],
    ['tsc', '-p', 'src/portal/page'],
  ],
  lint: [['oxlint', '--type-aware', '--deny-warnings', ...folders]],
  layers: [['node', '.ci/layers.ts']],
  format: [['prettier', isFix ? '--write' : '--check', '--log-level', 'warn', '.']],
}

const named = process.argv.slice(2).filter(arg => arg !== '--fix')
const unknown = named.filter(name => !Object.hasOwn(checks, name))
if (unknown.length > 0) {
  process.stderr.write(`Usage: npm run check [-- ${Object.keys(checks).join(' | ')}] [--fix]\n`)
  process.exit(2)
}

const failed = Object.entries(checks)
  .filter(([name]) => named.length === 0 || named.includes(name))
  .filter(([, commands]) =>
    commands.some(([program = '', ...args]) => spawnSync(program, args, { stdio: 'inherit' }).status !== 0),
  )
  .map(([name]) => name)
if (failed.length > 0) process.stderr.write(`check failed: ${failed.join(', ')}\n`)
process.exitCode = failed.length > 0 ? 1 : 0
