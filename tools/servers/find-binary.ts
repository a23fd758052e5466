import { execFile } from 'node:child_process'
import { chmod, mkdir, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { Failure } from '../../src/domain/failure.ts'

/** A way to get a binary. */
export interface Way {
  readonly name: string
  /** Resolves with a path; null if the binary is not there. An error's message is reported if no other way works. */
  readonly find: () => Promise<string | null>
}

/** Tries one way after the other and resolves with the first binary that runs. Throws a Failure that lists what was tried. */
export const findBinary = async (
  name: string,
  ways: readonly Way[],
  check: (path: string) => Promise<void>,
): Promise<string> => {
  const tried: string[] = []
  for (const way of ways) {
    try {
      const path = await way.find()
      if (path === null) tried.push(`${way.name}: not there`)
      else {
        await check(path)
        return path
      }
    } catch (error) {
      tried.push(`${way.name}: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`)
    }
  }
  const setting = name === 'mongod' ? 'MONGODB_URL' : 'NATS_URL'
  throw new Failure(
    'internal',
    `No ${name} is available. Tried:\n${tried.map(line => `  ${line}`).join('\n')}\n` +
      `Install ${name}, or set ${setting} to a running server, or run everything with "docker compose up".`,
  )
}

/** Imports an optional dependency, which an installation may leave out. */
export const importOptional = async <T>(name: string, load: () => Promise<T>): Promise<T> => {
  try {
    return await load()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error
    throw new Error(`needs the optional package ${name}, which "npm install --include=optional" adds`, { cause: error })
  }
}

/** `~/.cache/doorbell`, or the folder in XDG_CACHE_HOME. */
export const cacheFolder = (): string => join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'doorbell')

export const onPath = (name: string): Way => ({
  name: 'PATH',
  find: async () => {
    for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
      const path = join(folder, name)
      if (folder !== '' && (await isFile(path))) return path
    }
    return null
  },
})

export const inCache = (file: string): Way => ({
  name: `cache folder ${cacheFolder()}`,
  find: async () => ((await isFile(join(cacheFolder(), file))) ? join(cacheFolder(), file) : null),
})

const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    found => found.isFile(),
    () => false,
  )

/** Puts a binary into the cache in one step, so that a concurrent start never sees half of it. */
export const putInCache = async (file: string, bytes: Uint8Array): Promise<string> => {
  const target = join(cacheFolder(), file)
  await mkdir(cacheFolder(), { recursive: true })
  const folder = await mkdtemp(join(cacheFolder(), 'new-'))
  const part = join(folder, file)
  await writeFile(part, bytes)
  await chmod(part, 0o755)
  await rename(part, target)
  await rm(folder, { recursive: true })
  return target
}

/** Runs a binary for its version, e.g. `2.15.1`. Throws if it does not run. */
export const versionOf = async (path: string, environment: Readonly<Record<string, string>> = {}): Promise<string> => {
  const { stdout } = await promisify(execFile)(path, ['--version'], {
    timeout: 20_000,
    env: { ...process.env, ...environment },
  })
  return /\d+\.\d+\.\d+/.exec(stdout)?.[0] ?? ''
}

/** Throws unless the version is at least `major.minor`. */
export const atLeast = (version: string, [major, minor]: readonly [number, number]): void => {
  const [hasMajor = 0, hasMinor = 0] = version.split('.').map(Number)
  if (hasMajor > major || (hasMajor === major && hasMinor >= minor)) return
  throw new Error(`is version ${version || 'unknown'}, and ${major}.${minor} or later is needed`)
}
