/**
 * Types what the README's `sh` blocks say into terminals, as a reader in a fresh clone would, and prints what the reader sees as JSON:
 * `node test/docs/read-along.ts <clone>`. The text is run as it stands, so its ports must be free.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '../support/until.ts'

export interface Seen {
  readonly command: string
  /** Null: the command is still running. */
  readonly code: number | null
  /** Of each answer that `curl` got; of a service, that of its page. */
  readonly statuses: readonly number[]
  readonly output: string
}

/** Each of these has a stage of its own in `.ci/run`. */
const ownStages = /npm (?:test|run demo)\b/
const service = /npm start\b/
const page = 'http://127.0.0.1:3000/'
const limitMs = 120_000

/** Lines that each begin with `npm ci` are alternatives; any other block is typed as a whole. */
const commandsOf = (block: string): readonly string[] => {
  const lines = block.trim().split('\n')
  return lines.every(line => line.startsWith('npm ci &&')) ? lines : [block]
}

/** In each terminal: the packages are installed already, and `curl` prints the status of its answer too. */
const shims = `
npm() { [ "$1" = ci ] || command npm "$@"; }
curl() { command curl -w '%{stderr}answered %{http_code}\\n' "$@"; }
`

const clone = process.argv[2] ?? ''
const terminals: { readonly child: ChildProcess; readonly ended: Promise<number | null> }[] = []

const open = (command: string, startup: string) => {
  const child = spawn('bash', ['-ec', command], {
    cwd: clone,
    detached: true,
    env: { ...process.env, BASH_ENV: startup },
  })
  const seen = { output: '' }
  for (const stream of [child.stdout, child.stderr]) stream.on('data', data => (seen.output += String(data)))
  // Not "close": what runs in the background has the terminal too.
  const ended = new Promise<number | null>(resolve => child.once('exit', resolve))
  terminals.push({ child, ended })
  return { seen, ended }
}

/** As Ctrl-C does: to all that runs in the terminal. */
const closeTerminals = async (): Promise<void> => {
  for (const { child, ended } of terminals.splice(0)) {
    try {
      process.kill(-(child.pid ?? 0), 'SIGINT')
    } catch {
      // All of it has ended.
    }
    await ended
  }
}

const type = async (command: string, startup: string): Promise<Seen> => {
  if (service.test(command)) {
    await closeTerminals()
    const { seen } = open(command, startup)
    const answer = await until(
      () => fetch(page).catch(() => null),
      each => each?.ok === true,
    )
    return { command, code: null, statuses: [answer?.status ?? 0], output: seen.output }
  }
  const { seen, ended } = open(command, startup)
  const code = await ended
  const statuses = [...seen.output.matchAll(/answered (\d+)/g)].map(([, status]) => Number(status))
  const isAccepted = code === 0 && statuses.every(status => status < 300)
  if (isAccepted && command.includes('receiver.js')) await until(() => /visit\.checked_in evt_\w+/.test(seen.output))
  return { command, code, statuses, output: seen.output }
}

const readAlong = async (): Promise<Seen[]> => {
  const folder = await mkdtemp(join(tmpdir(), 'doorbell-reader-'))
  const startup = join(folder, 'startup.sh')
  await writeFile(startup, shims)
  const limit = setTimeout(() => {
    process.stderr.write(`not through after ${limitMs / 1_000} s\n`)
    void closeTerminals().then(() => process.exit(1))
  }, limitMs)
  try {
    const readme = await readFile(join(clone, 'README.md'), 'utf8')
    const blocks = [...readme.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block)
    const all: Seen[] = []
    for (const command of blocks.flatMap(commandsOf))
      if (!ownStages.test(command)) all.push(await type(command, startup))
    return all
  } finally {
    await closeTerminals()
    clearTimeout(limit)
    await rm(folder, { recursive: true })
  }
}

if (import.meta.main) process.stdout.write(JSON.stringify(await readAlong()))
