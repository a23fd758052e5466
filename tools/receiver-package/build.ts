import { execFileSync } from 'node:child_process'
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const root = join(import.meta.dirname, '../..')
const inRoot = (path: string) => join(root, path)

interface Package {
  readonly version: string
  readonly license: string
  readonly dependencies: Readonly<Record<string, string>>
}

/** Builds the package for receivers in the folder, packs it beside that folder, and returns the path of the archive. */
export const buildReceiverPackage = (target = inRoot('dist/doorbell')): string => {
  const folder = resolve(target)
  rmSync(folder, { recursive: true, force: true })
  const compiler = inRoot('node_modules/typescript/bin/tsc')
  const project = inRoot('tools/receiver-package/tsconfig.json')
  execFileSync(process.execPath, [compiler, '-p', project, '--outDir', folder], { stdio: 'inherit' })
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest(), null, 2)}\n`)
  copyFileSync(inRoot('tools/receiver-package/README.md'), join(folder, 'README.md'))
  copyFileSync(inRoot('LICENSE'), join(folder, 'LICENSE'))
  const pack = ['pack', '--silent', '--pack-destination', '..']
  return join(folder, '..', execFileSync('npm', pack, { cwd: folder, encoding: 'utf8' }).trim())
}

const manifest = () => {
  const { version, license, dependencies } = JSON.parse(readFileSync(inRoot('package.json'), 'utf8')) as Package
  return {
    name: 'doorbell',
    version,
    description: 'Verify and receive the webhooks of Doorbell.',
    license,
    type: 'module',
    // What the package needs of Node; the service itself needs more.
    engines: { node: '>=20.19' },
    bin: { doorbell: './cli/receiver-doorbell.js' },
    exports: { './receiver': { types: './receiver/index.d.ts', default: './receiver/index.js' } },
    dependencies: { jose: dependencies['jose'] },
  }
}
