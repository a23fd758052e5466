import { spawn } from 'node:child_process'
import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** How a run of tests ended. A run that hangs counts as noticed. */
export type Verdict = 'green' | 'red' | 'hung'

/** A copy of the project in which faults are planted. */
export interface Workplace {
  readonly root: string
  write(file: string, text: string): void
  /** Runs test files until the first failure. */
  test(files: readonly string[], limitMs: number): Promise<Verdict>
}

/** Copies the files; packages are linked. */
export const createWorkplace = (from: string, root: string, files: readonly string[]): Workplace => {
  for (const file of files) {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    copyFileSync(join(from, file), join(root, file))
  }
  symlinkSync(join(from, 'node_modules'), join(root, 'node_modules'))

  const run = (command: string, args: readonly string[], limitMs: number) =>
    new Promise<{ code: number | null; output: string }>((resolve, reject) => {
      let output = ''
      const child = spawn(join(root, 'node_modules/.bin', command), args, {
        cwd: root,
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe'],
        // Each run loads the same files again, all but one.
        env: { ...process.env, FORCE_COLOR: '0', NODE_COMPILE_CACHE: join(root, '.compiled') },
      })
      const end = () => {
        try {
          // A negative number is the whole group: ava and its processes.
          process.kill(-(child.pid ?? 0), 'SIGKILL')
        } catch {
          // It has ended by itself.
        }
      }
      const limit = setTimeout(() => {
        end()
        resolve({ code: null, output })
      }, limitMs)
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += String(chunk)))
      child.once('error', reject)
      child.once('close', code => {
        clearTimeout(limit)
        end()
        resolve({ code, output })
      })
    })

  return {
    root,
    write: (file, text) => writeFileSync(join(root, file), text),
    test: async (tests, limitMs) => {
      const { code } = await run('ava', ['--fail-fast', '--concurrency', '1', ...tests], limitMs)
      return code === null ? 'hung' : code === 0 ? 'green' : 'red'
    },
  }
}

/** Reads a file of the project. */
export const readProjectFile = (root: string, file: string): string => readFileSync(join(root, file), 'utf8')
