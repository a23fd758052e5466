/** `npm run kit:build [-- <folder>]`: writes the package for receivers, as JavaScript with its types, into dist/doorbell, and packs it beside that. */
import { execFileSync } from 'node:child_process'
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const root = join(import.meta.dirname, '../..')
const folder = resolve(process.argv[2] ?? join(root, 'dist/doorbell'))
const from = (path: string) => join(root, path)

interface Package {
  readonly version: string
  readonly description: string
  readonly license: string
  readonly dependencies: Readonly<Record<string, string>>
}

rmSync(folder, { recursive: true, force: true })
const compiler = from('node_modules/typescript/bin/tsc')
execFileSync(process.execPath, [compiler, '-p', from('tools/receiver-package/tsconfig.json'), '--outDir', folder], {
  stdio: 'inherit',
})

const { version, license, dependencies } = JSON.parse(readFileSync(from('package.json'), 'utf8')) as Package
const manifest = {
  name: 'doorbell',
  version,
  description: 'Verify and receive the webhooks of Doorbell.',
  license,
  type: 'module',
  // What the kit needs of Node; the service itself asks for more.
  engines: { node: '>=20.19' },
  bin: { doorbell: './cli/doorbell.js' },
  exports: { './receiver': { types: './receiver/index.d.ts', default: './receiver/index.js' } },
  dependencies: { jose: dependencies['jose'] },
}
writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
copyFileSync(from('tools/receiver-package/README.md'), join(folder, 'README.md'))
copyFileSync(from('LICENSE'), join(folder, 'LICENSE'))
const packed = execFileSync('npm', ['pack', '--silent', '--pack-destination', '..'], { cwd: folder, encoding: 'utf8' })
process.stdout.write(`${join(folder, '..', packed.trim())}\n`)
