import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { cacheFolder } from '../../tools/servers/find-binary.ts'

/** Returns the folder of these packages in the user's cache, installed once for each list. Null, with a line that says so, where Python, pip or a registry is missing. */
export const pythonPackages = (requirements: string): string | null => {
  const hash = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12)
  const target = join(cacheFolder(), `python-${hash}`)
  if (existsSync(target)) return target
  const fresh = `${target}.${process.pid}`
  try {
    mkdirSync(cacheFolder(), { recursive: true })
    const args = ['-m', 'pip', 'install', '--quiet', '--target', fresh, '-r', requirements]
    execFileSync('python3', args, { stdio: 'inherit', timeout: 300_000 })
    renameSync(fresh, target)
    return target
  } catch (error) {
    process.stderr.write(`left out, since pip could not install ${requirements}: ${String(error)}\n`)
    return existsSync(target) ? target : null
  }
}
