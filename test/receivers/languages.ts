import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { cacheFolder } from '../../tools/servers/find-binary.ts'
import { pythonPackages } from '../support/python-packages.ts'

const run = promisify(execFile)
const folder = join(import.meta.dirname, '../../examples/receivers')
export const vectorsFile = join(folder, 'vectors.json')

/** How to run an example. */
export interface Program {
  readonly command: string
  readonly serve: readonly string[]
  /** Arguments with which it prints a verdict and a name for each vector of a file. Null for the receiver kit’s example: the kit has its own test. */
  readonly check: readonly string[] | null
  readonly environment?: Readonly<Record<string, string>>
}

export interface Language {
  readonly name: string
  /** Good vectors that its library does not support. */
  readonly refusesToo: readonly string[]
  /** Fetches its packages, and resolves to its build. Null, with a line on stderr, if this machine has no toolchain or no access to the packages. */
  readonly prepare: () => Promise<(() => Promise<Program>) | null>
}

const node = (name: string, check: string | null): Language => ({
  name,
  refusesToo: [],
  prepare: async () => async () => ({
    command: process.execPath,
    serve: [join(folder, name, 'receiver.js')],
    check: check === null ? null : [join(folder, name, check)],
  }),
})

const python: Language = {
  name: 'python',
  refusesToo: [],
  prepare: async () => {
    const path = pythonPackages(join(folder, 'python/requirements.txt'))
    if (path === null) return null
    return async () => ({
      command: 'python3',
      serve: [join(folder, 'python/receiver.py')],
      check: [join(folder, 'python/check_vectors.py')],
      environment: { PYTHONPATH: path, PYTHONDONTWRITEBYTECODE: '1' },
    })
  },
}

const go: Language = {
  name: 'go',
  refusesToo: [],
  prepare: async () => {
    const source = join(folder, 'go')
    if (!(await works('go', 'go', ['mod', 'download'], source))) return null
    return async () => {
      const command = await cached('receiver-go', source, target => run('go', ['build', '-o', target], { cwd: source }))
      return { command, serve: [], check: [] }
    }
  },
}

const java: Language = {
  name: 'java',
  refusesToo: [],
  prepare: async () => {
    const source = join(folder, 'java')
    if (!(await works('java', 'javac', ['-version'], source))) return null
    const libraries = await cached('receiver-java-libraries', join(source, 'pom.xml'), async target => {
      const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${target}`]
      if (!(await works('java', 'mvn', ['-q', '-B', ...goal], source))) throw new Error('no packages')
    }).catch(() => null)
    if (libraries === null) return null
    return async () => {
      const classes = await cached('receiver-java-classes', join(source, 'src/main/java'), target => {
        const files = readdirSync(join(source, 'src/main/java')).map(file => join(source, 'src/main/java', file))
        return run('javac', ['--release', '17', '-cp', `${libraries}/*`, '-d', target, ...files])
      })
      const classPath = ['-cp', `${classes}:${libraries}/*`]
      return { command: 'java', serve: [...classPath, 'Receiver'], check: [...classPath, 'CheckVectors'] }
    }
  },
}

const ruby: Language = {
  name: 'ruby',
  refusesToo: ['Ed25519'],
  prepare: async () => {
    if (!(await works('ruby', 'ruby', ['-e', 'gem "jwt", "~> 2.5"; require "webrick"'], folder))) return null
    return async () => ({
      command: 'ruby',
      serve: [join(folder, 'ruby/receiver.rb')],
      check: [join(folder, 'ruby/check_vectors.rb')],
    })
  },
}

export const languages: readonly Language[] = [
  node('node', null),
  node('node-jose', 'check-vectors.js'),
  python,
  go,
  java,
  ruby,
]

const works = async (name: string, command: string, args: readonly string[], cwd: string): Promise<boolean> =>
  run(command, args, { cwd, timeout: 300_000 }).then(
    () => true,
    (error: Error) => {
      process.stderr.write(`the receiver in ${name} is skipped: ${error.message.split('\n')[0]}\n`)
      return false
    },
  )

/** Builds something once for each state of its source. `make` writes it to the path that it receives. */
const cached = async (name: string, source: string, make: (target: string) => Promise<unknown>): Promise<string> => {
  const target = join(cacheFolder(), `${name}-${hashOf(source)}`)
  if (existsSync(target)) return target
  const fresh = `${target}.${process.pid}`
  await mkdir(cacheFolder(), { recursive: true })
  await make(fresh)
  // Another process may have built the same.
  await rename(fresh, target).catch(() => rm(fresh, { recursive: true, force: true }))
  return target
}

const hashOf = (source: string): string => {
  const hash = createHash('sha256')
  const files = source.endsWith('.xml') ? [source] : readdirSync(source).map(file => join(source, file))
  for (const file of files.toSorted()) hash.update(readFileSync(file))
  return hash.digest('hex').slice(0, 12)
}
