/**
 * `npm test`: starts one nats-server and one mongod, runs ava against them, and searches everything that the services of the run logged,
 * traced and measured for personal values. A whole run in which nothing failed writes docs/promises.md from the titles of its tests.
 * The last line is `N passed, N failed`. Arguments go to ava: `npm test -- actors/` runs one folder.
 */
import { spawn } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readFile, rm, statfs, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Collector, startCollector } from './support/collector.ts'
import { type Embedded, startEmbedded } from '../src/embedded/embedded.ts'
import { brokenPromises, promisesPage, promisesPath } from '../tools/promises/page.ts'
import { readReport, type Report } from '../tools/promises/report.ts'

const say = (line: string) => void process.stderr.write(`# ${line}\n`)

/** Processes of a run load the same files again and again: with this, each is compiled once. */
const compiled = join(import.meta.dirname, '../node_modules/.cache/compiled')

/**
 * The folder for temporary files: in memory where there is room, since servers wait for the disk at each write, and no data of a test has to
 * survive a power cut. Some containers have a small one, or one from which no program can be started.
 */
const temporaryRoot = async (): Promise<string> => {
  const memory = '/dev/shm'
  const { bavail, bsize } = await statfs(memory).catch(() => ({ bavail: 0, bsize: 0 }))
  const mounts = await readFile('/proc/mounts', 'utf8').catch(() => '')
  const canExecute = mounts.split('\n').some(line => line.includes(` ${memory} `) && !/\bnoexec\b/.test(line))
  return canExecute && bavail * bsize > 4 * 2 ** 30 ? memory : tmpdir()
}

/** Runs ava until it ends or the signal comes; returns what it printed, and its exit code. */
const runAva = async (
  servers: Embedded,
  dataDir: string,
  collector: Collector,
  ending: AbortSignal,
): Promise<{ report: string; code: number }> => {
  const ava = spawn('node_modules/.bin/ava', ['--concurrency', '2', ...process.argv.slice(2)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      ...collector.environment,
      DOORBELL_TEST_NATS_URL: servers.natsUrl ?? '',
      DOORBELL_TEST_MONGODB_URL: servers.mongodbUrl ?? '',
      DOORBELL_TEST_DATA: dataDir,
      TMPDIR: join(dataDir, 'tmp'),
      NODE_COMPILE_CACHE: compiled,
    },
  })
  ending.addEventListener('abort', () => void ava.kill('SIGTERM'))
  let report = ''
  ava.stdout.setEncoding('utf8').on('data', (text: string) => {
    report += text
    process.stdout.write(text)
  })
  const code = await new Promise<number>(resolve => {
    ava.once('error', error => {
      say(error.message)
      resolve(1)
    })
    ava.once('close', result => resolve(result ?? 1))
  })
  return { report, code }
}

const isWhole = process.argv.length === 2

/** True when no log line, span or metric of any service of the run holds a personal value that a test used, and there were some of each. */
const isPrivate = async (collector: Collector): Promise<boolean> => {
  const { counts, leaks } = await collector.search()
  const seen = Object.entries(counts).map(([kind, count]) => `${count} ${kind}s`)
  for (const { file, value, line } of leaks.slice(0, 10)) {
    const at = line.indexOf(value)
    say(`"${value}" is in ${file}: …${line.slice(Math.max(0, at - 300), at + 300)}…`)
  }
  // A single file may start no service.
  const isEmpty = isWhole && Object.values(counts).some(count => count === 0)
  const verdict = leaks.length > 0 ? `${leaks.length} with personal values` : 'no personal values'
  say(`collected ${seen.join(', ')}: ${isEmpty ? 'too little to judge' : verdict}`)
  return leaks.length === 0 && !isEmpty
}

/** Stops the servers and removes their data however the run ends, also by a signal. */
const run = async (): Promise<{ report: string; code: number }> => {
  const ending = new AbortController()
  const end = () => {
    // A second signal does not wait for an orderly end.
    if (ending.signal.aborted) process.exit(1)
    ending.abort()
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end)
  const dataDir = await mkdtemp(join(await temporaryRoot(), 'doorbell-test-'))
  try {
    // One test starts a service as another user, who passes through.
    await chmod(dataDir, 0o711)
    await mkdir(join(dataDir, 'tmp'))
    const servers = await startEmbedded({
      dataDir,
      sync: 'interval',
      nats: true,
      mongodb: true,
      progress: say,
      onExit: (name, detail) => say(`${name} ended during the run: ${detail}`),
    })
    try {
      if (ending.signal.aborted) return { report: '', code: 1 }
      const collector = await startCollector(dataDir)
      const { report, code } = await runAva(servers, dataDir, collector, ending.signal)
      const passes = await isPrivate(collector)
      await collector.stop()
      return { report, code: passes ? code : 1 }
    } finally {
      await servers.stop()
    }
  } finally {
    await rm(dataDir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
  }
}

const { report: output, code } = await run().catch((error: unknown) => {
  say(error instanceof Error ? error.message : String(error))
  return { report: '', code: 1 }
})

/** True when every line of the page of promises has a test that passed. If nothing else failed either, the page is written again. */
const isPromised = async (report: Report): Promise<boolean> => {
  const file = join(import.meta.dirname, '..', promisesPath)
  const before = await readFile(file, 'utf8')
  const broken = brokenPromises(before, report)
  for (const line of broken) say(`${promisesPath} promises what no test of this run showed: ${line}`)
  const page = promisesPage(report.passed)
  if (report.failed === 0 && page !== before) {
    await writeFile(file, page)
    say(`${promisesPath} was written: commit it`)
  }
  return broken.length === 0
}

const tests = readReport(output)
const keepsPromises = !isWhole || code !== 0 || (await isPromised(tests))
const { passed, skipped } = tests
// A failure outside of a test counts too: a crash, a timeout, a broken promise, or no test at all.
const failed = Math.max(tests.failed, code === 0 && keepsPromises && passed.length > 0 ? 0 : 1)
const skips = skipped.length > 0 ? `, ${skipped.length} skipped` : ''
process.stdout.write(`\n${passed.length} passed, ${failed} failed${skips}\n`)
process.exitCode = failed > 0 ? 1 : 0
