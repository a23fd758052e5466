import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import type { ExecutionContext } from 'ava'

export interface Script {
  readonly child: ChildProcess
  /** Lines of stdout so far. */
  readonly lines: readonly string[]
  /** Resolves with the first line that has this text. */
  line(text: string): Promise<string>
  /** Resolves when the process has ended with 0. */
  readonly ended: Promise<void>
}

/** Runs a module in a process of its own that has imported these files before, register.ts by default, from the repository's folder. */
export const startScript = (
  t: Pick<ExecutionContext, 'teardown'>,
  script: string,
  environment: Readonly<Record<string, string>>,
  imports: readonly string[] = ['./observability/register.ts'],
): Script => {
  const child = spawn(
    process.execPath,
    [...imports.flatMap(file => ['--import', file]), '--input-type=module', '--eval', script],
    {
      cwd: join(import.meta.dirname, '../../..'),
      env: { PATH: process.env['PATH'], ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  t.teardown(() => child.kill('SIGKILL'))
  const lines: string[] = []
  const looks = new Set<() => void>()
  let [rest, errors] = ['', '']
  child.stderr.on('data', data => (errors += String(data)))
  child.stdout.on('data', data => {
    const parts = (rest + String(data)).split('\n')
    rest = parts.pop() ?? ''
    lines.push(...parts)
    for (const look of looks) look()
  })
  const ended = new Promise<void>((resolve, reject) =>
    child.once('close', code => (code === 0 ? resolve() : reject(new Error(`ended with ${code}: ${errors}`)))),
  )
  ended.catch(() => undefined)
  const line = (text: string): Promise<string> => {
    const found = new Promise<string>(resolve => {
      const look = () => {
        const known = lines.find(each => each.includes(text))
        if (known === undefined) return
        looks.delete(look)
        resolve(known)
      }
      looks.add(look)
      look()
    })
    const early = ended.then(() => Promise.reject(new Error(`ended without "${text}": ${lines.join('\n')}${errors}`)))
    return Promise.race([found, early])
  }
  return { child, lines, line, ended }
}
