import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { withoutEngines } from '../../tools/lockfile.ts'

const project = join(import.meta.dirname, '../..')
const read = (path: string) => readFile(join(project, path), 'utf8')

type Versions = Readonly<Record<string, string>>
const { dependencies, optionalDependencies, devDependencies, devEngines } = JSON.parse(await read('package.json')) as {
  readonly dependencies: Versions
  readonly optionalDependencies: Versions
  readonly devDependencies: Versions
  readonly devEngines: { readonly runtime: { readonly version: string } }
}
interface Locked {
  readonly version: string
  readonly dev?: boolean
  readonly optional?: boolean
  readonly devOptional?: boolean
}
const lockfile = await read('package-lock.json')
const { packages } = JSON.parse(lockfile) as { readonly packages: Readonly<Record<string, Locked>> }

/** What the image installs: by name, the versions. */
const production = new Map<string, Set<string>>()
const installed = Object.entries(packages).filter(
  ([path, { dev, optional, devOptional }]) => path !== '' && !dev && !optional && !devOptional,
)
for (const [path, { version }] of installed) {
  const name = path.split('node_modules/').at(-1) ?? ''
  production.set(name, (production.get(name) ?? new Set()).add(version))
}

test('production has at most 175 packages and one MongoDB driver', t => {
  t.log(`${installed.length} packages`)
  t.true(installed.length <= 175)
  t.is(installed.filter(([path]) => path.endsWith('node_modules/mongodb')).length, 1)
})

/** Packages of which production has more than one version, with the reason. */
const exceptions: Versions = {
  'content-type': 'Koa 3 reads types with version 1, and type-is with version 2',
  depd: 'http-assert of Koa 3 uses http-errors 1.8, which uses it',
  'http-errors': 'http-assert of Koa 3 uses 1.8, and Koa itself 2.0',
  'mime-db': 'mime-types 2.1 uses it',
  'mime-types': 'accepts of Koa 3 uses 2.1, and Koa itself 3.0',
  statuses: 'http-assert of Koa 3 uses http-errors 1.8, which uses it',
}

test('production has one version of each package, but for exceptions that have a reason', t => {
  const several = [...production].filter(([, versions]) => versions.size > 1).map(([name]) => name)
  t.deepEqual(several.toSorted(), Object.keys(exceptions).toSorted())
})

test('every direct dependency is in the table of docs/decisions/0020-dependencies.md, with purpose, maintainer and replacement', async t => {
  const [, ...sections] = (await read('docs/decisions/0020-dependencies.md')).split(/^## /m)
  const tables = sections.map(section =>
    section
      .split('\n')
      .filter(line => line.startsWith('| `'))
      .map(line =>
        line
          .split('|')
          .slice(1, -1)
          .map(cell => cell.trim()),
      ),
  )
  for (const [table, listed] of [
    [tables[0], dependencies],
    [tables[1], optionalDependencies],
    [tables[2], devDependencies],
  ] as const) {
    t.deepEqual(
      table?.map(([name = '']) => name.replaceAll('`', '')),
      Object.keys(listed),
    )
    for (const cells of table ?? []) t.true(cells.length === 4 && cells.every(cell => cell !== ''), cells.join('|'))
  }
})

/** Direct dependencies that no file imports, with the reason. */
const unimported = /^@types\/|^(typescript|oxlint|oxlint-tsgolint|node-linux-(x64|arm64))$/

test('every direct dependency is imported, but for types and programs', async t => {
  const folders = ['src', 'actors', 'config', 'observability', 'examples', 'bench', 'test', 'tools', '.ci']
  const files = (await Promise.all(folders.map(async folder => sourcesIn(folder)))).flat()
  const sources = await Promise.all(files.map(read))
  const isImported = (name: string) =>
    sources.some(source => source.includes(`'${name}'`) || source.includes(`'${name}/`))
  const all = Object.keys({ ...dependencies, ...optionalDependencies, ...devDependencies })
  t.deepEqual(
    all.filter(name => !unimported.test(name) && !isImported(name)),
    [],
  )
})

const sourcesIn = async (folder: string): Promise<string[]> =>
  (await readdir(join(project, folder), { recursive: true }))
    .filter(file => file.endsWith('.ts') && !file.includes('node_modules'))
    .map(file => join(folder, file))

test('npm ci warns of nothing on any Node: the lockfile names no engines, and no script runs', async t => {
  t.true(withoutEngines(lockfile) === lockfile, 'run npm run generate')
  t.regex(await read('.npmrc'), /^ignore-scripts=true$/m)
})

test('the start checks the Node version that package.json states', async t => {
  const [, major, minor] = /^>=(\d+)\.(\d+)$/.exec(devEngines.runtime.version) ?? []
  const check = await read('config/node-version.mjs')
  t.true(check.includes(`major < ${major} || (major === ${major} && minor < ${minor})`))
  t.true(check.includes(`Node ${major}.${minor} or later`))
})
