import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { cacheFolder } from './find-binary.ts'
import { filesOfWheel } from './wheel.ts'

/**
 * mongod is linked to libcurl (for free monitoring, which is off here), and a bare Debian has none. The wheel of pycurl carries one with
 * all that it needs; the linker finds it through LD_LIBRARY_PATH of mongod alone.
 */
export const curlLibrary = async (progress: (line: string) => void): Promise<Readonly<Record<string, string>>> => {
  progress('mongod needs libcurl, which this machine lacks: fetching it with pip')
  const folder = join(cacheFolder(), 'lib')
  await mkdir(folder, { recursive: true })
  const files = await filesOfWheel('pycurl', name => name.includes('pycurl.libs/'))
  let curl: string | null = null
  for (const [name, bytes] of files) {
    await writeFile(join(folder, basename(name)), bytes, { mode: 0o755 })
    if (basename(name).startsWith('libcurl')) curl = basename(name)
  }
  if (curl === null) throw new Error('needs libcurl: install the package libcurl4')
  await symlink(curl, join(folder, 'libcurl.so.4')).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
  return { LD_LIBRARY_PATH: folder }
}
