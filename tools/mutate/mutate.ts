/**
 * `npm run mutate -- FOLDER…`: plants one fault at a time in a copy of the project, runs the tests that reach the file, the nearest first,
 * and lists the faults that none of them noticed. Ends with a table of folders. It takes minutes to hours and is not part of CI.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startEmbedded } from '../../src/embedded/embedded.ts'
import { type Candidate, candidatesIn, describe } from './candidates.ts'
import { createCompiler } from './compiler.ts'
import { createRelatedTests } from './related-tests.ts'
import { createTrial, type Score } from './trial.ts'
import { createWorkplace } from './workplace.ts'

const usage = `Usage: npm run mutate -- FOLDER… [options]

FOLDER may also be a file. Options:
  --count N      faults per FOLDER, chosen at random (default 60)
  --seed N       another choice (default 1)
  --tests PATH   a test, or a folder of tests, that belongs to these folders too; may be repeated
  --line N       only the faults of this line of a file
  --list         print the faults and plant none
  -h, --help     print this text
`

interface Group {
  readonly folder: string
  readonly candidates: readonly Candidate[]
}

const root = join(import.meta.dirname, '../..')
const say = (line: string) => void process.stdout.write(`${line}\n`)
const withoutSlash = (path: string) => path.replace(/\/+$/, '')

const projectFiles = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter(file => file !== '')

const isUnitTest = (file: string) => /^(src|actors|config|observability)\/.*\.test\.ts$/.test(file)

const rowOf = (folder: string, { planted, noticed, refused }: Score) =>
  `| ${folder} | ${planted} | ${noticed} | ${((100 * noticed) / Math.max(1, planted)).toFixed(1)} % | ${refused} |`

/** Uses the servers that the environment names, or starts some. */
const startServers = async (dataDir: string): Promise<() => Promise<void>> => {
  const { env } = process
  env['DOORBELL_TEST_DATA'] ??= dataDir
  if (env['DOORBELL_TEST_NATS_URL'] !== undefined && env['DOORBELL_TEST_MONGODB_URL'] !== undefined)
    return async () => {}
  const servers = await startEmbedded({
    dataDir,
    sync: 'interval',
    nats: true,
    mongodb: true,
    progress: say,
    onExit: (name, detail) => say(`${name} ended: ${detail}`),
  })
  env['DOORBELL_TEST_NATS_URL'] = servers.natsUrl ?? ''
  env['DOORBELL_TEST_MONGODB_URL'] = servers.mongodbUrl ?? ''
  return servers.stop
}

const plantAll = async (groups: readonly Group[], count: number, isTest: (file: string) => boolean): Promise<void> => {
  const dataDir = mkdtempSync(join(tmpdir(), 'doorbell-mutate-'))
  const stopServers = await startServers(dataDir)
  const end = async () => {
    await stopServers()
    rmSync(dataDir, { recursive: true, force: true })
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void end().then(() => process.exit(130)))
  try {
    const place = createWorkplace(root, join(dataDir, 'copy'), projectFiles)
    const compiler = createCompiler(place.root)
    const trial = createTrial(place, compiler, createRelatedTests(root, projectFiles.filter(isTest)), say)
    const rows: string[] = []
    for (const { folder, candidates } of groups) rows.push(rowOf(folder, await trial(candidates, count)))
    compiler.close()
    say(`\n| folder | planted | noticed | share | refused by the compiler |\n|---|---|---|---|---|\n${rows.join('\n')}`)
  } finally {
    await end()
  }
}

const main = async (): Promise<number> => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      count: { type: 'string', default: '60' },
      seed: { type: 'string', default: '1' },
      tests: { type: 'string', multiple: true, default: [] },
      line: { type: 'string' },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) {
    say(usage)
    return 0
  }
  const choice = { seed: Number(values.seed), line: values.line === undefined ? null : Number(values.line) }
  const groups = positionals.map(withoutSlash).map(folder => ({
    folder,
    candidates: candidatesIn(root, folder, projectFiles, choice),
  }))
  const empty = groups.find(({ candidates }) => candidates.length === 0)
  if (groups.length === 0 || empty !== undefined) {
    process.stderr.write(
      empty === undefined
        ? usage
        : `There is nothing to plant in "${empty.folder}". Name a folder with TypeScript in it.\n`,
    )
    return 2
  }
  if (values.list) for (const { candidates } of groups) for (const candidate of candidates) say(describe(candidate))
  else {
    const named = values.tests.map(withoutSlash)
    const isNamed = (file: string) =>
      file.endsWith('.test.ts') && named.some(path => file === path || file.startsWith(`${path}/`))
    await plantAll(groups, Number(values.count), file => isUnitTest(file) || isNamed(file))
  }
  return 0
}

process.exitCode = await main().catch((error: unknown) => {
  if (!String((error as NodeJS.ErrnoException).code).startsWith('ERR_PARSE_ARGS_')) throw error
  process.stderr.write(`${(error as Error).message}\n\n${usage}`)
  return 2
})
