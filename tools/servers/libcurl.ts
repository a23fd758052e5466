import { mkdir, mkdtemp, rename, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { cacheFolder } from './find-binary.ts'
import { filesOfWheel } from './wheel.ts'

/**
 * Fetches libcurl once and keeps it in the cache. mongod is linked to it (for free monitoring, which is off here), and a bare Debian has
 * none. The wheel of pycurl contains one with its own dependencies. The linker finds it through the LD_LIBRARY_PATH of mongod alone.
 */
export const curlLibrary = async (progress: (line: string) => void): Promise<Readonly<Record<string, string>>> => {
  const folder = join(cacheFolder(), 'lib')
  if (!(await isThere(join(folder, soname)))) {
    progress('mongod needs libcurl, which this machine lacks: fetching it with pip')
    await fetchInto(folder).catch((error: unknown) => {
      throw new Error(
        `needs libcurl: install the package libcurl4 (${error instanceof Error ? error.message : 'none'})`,
      )
    })
  }
  return { LD_LIBRARY_PATH: folder }
}

const soname = 'libcurl.so.4'

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )

/** Writes to another folder and renames it, so that a concurrent start never sees half of it. */
const fetchInto = async (folder: string): Promise<void> => {
  const files = await filesOfWheel('pycurl', name => /pycurl\.libs\/[^/]+$/.test(name))
  const curl = [...files.keys()].map(name => basename(name)).find(name => name.startsWith('libcurl'))
  if (curl === undefined) throw new Error('the wheel of pycurl contains none')
  await mkdir(cacheFolder(), { recursive: true })
  const made = await mkdtemp(join(cacheFolder(), 'new-'))
  try {
    for (const [name, bytes] of files) await writeFile(join(made, basename(name)), bytes, { mode: 0o755 })
    await symlink(curl, join(made, soname))
    await rename(made, folder).catch(async (error: unknown) => {
      if (!(await isThere(join(folder, soname)))) throw error
    })
  } finally {
    await rm(made, { recursive: true, force: true })
  }
}
