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
import { candidatesIn, type Candidate } from './candidates.ts'
import { createRelatedTests } from './related-tests.ts'
import { createTrial, type Outcome } from './trial.ts'
import { createWorkplace } from './workplace.ts'

const usage = `Usage: npm run mutate -- FOLDER… [options]

FOLDER may also be a file. Options:
  --count N      faults per FOLDER, chosen at random; 0 plants all of them (default 60)
  --seed N       another choice (default 1)
  --tests PATH   a test or folder that belongs to these folders too; may be repeated
  --line N       only the faults of this line of a file
  --list         print the faults and plant none
  -h, --help     print this text
`

const root = join(import.meta.dirname, '../..')
const say = (line: string) => void process.stdout.write(`${line}\n`)

const options = () => {
  try {
    return parseArgs({
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
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`)
    process.exit(2)
  }
}

const { values, positionals } = options()
if (values.help || positionals.length === 0) {
  process[values.help ? 'stdout' : 'stderr'].write(usage)
  process.exit(values.help ? 0 : 2)
}

const projectFiles = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter(file => file !== '')
const folders = positionals.map(folder => folder.replace(/\/+$/, ''))
const groups = folders.map(folder => ({
  folder,
  candidates: candidatesIn(root, folder, projectFiles, {
    count: Number(values.count),
    seed: Number(values.seed),
    line: values.line === undefined ? null : Number(values.line),
  }),
}))
const describe = ({ file, line, kind, before, after }: Candidate) =>
  `${file}:${line}  ${kind}\n    - ${before}\n    + ${after}`

const missing = groups.find(({ candidates }) => candidates.length === 0)
if (missing !== undefined) {
  process.stderr.write(
    `There is nothing to plant in "${missing.folder}". Name a folder or a file with TypeScript in it.\n`,
  )
  process.exit(2)
}
const isUnitTest = (file: string) => /^(src|actors|config|observability)\/.*\.test\.ts$/.test(file)
const isNamed = (file: string) =>
  file.endsWith('.test.ts') &&
  values.tests.some(path => file === path || file.startsWith(`${path.replace(/\/+$/, '')}/`))

const plantAll = async (): Promise<void> => {
  const dataDir = mkdtempSync(join(tmpdir(), 'doorbell-mutate-'))
  const started =
    process.env['DOORBELL_TEST_NATS_URL'] === undefined
      ? await startEmbedded({
          dataDir,
          sync: 'interval',
          nats: true,
          mongodb: true,
          progress: say,
          onExit: (name, detail) => say(`${name} ended: ${detail}`),
        })
      : null
  process.env['DOORBELL_TEST_NATS_URL'] ??= started?.natsUrl ?? ''
  process.env['DOORBELL_TEST_MONGODB_URL'] ??= started?.mongodbUrl ?? ''
  process.env['DOORBELL_TEST_DATA'] ??= dataDir

  const end = async () => {
    await started?.stop()
    rmSync(dataDir, { recursive: true, force: true })
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void end().then(() => process.exit(130)))

  try {
    const trial = createTrial(
      createWorkplace(root, join(dataDir, 'copy'), projectFiles),
      createRelatedTests(
        root,
        projectFiles.filter(file => isUnitTest(file) || isNamed(file)),
      ),
      say,
    )
    const rows: string[] = []
    for (const { folder, candidates } of groups) {
      const outcomes = await trial(candidates)
      const count = (outcome: Outcome) => outcomes.filter(each => each === outcome).length
      const [noticed, survived] = [count('noticed'), count('survived')]
      rows.push(
        `| ${folder} | ${noticed + survived} | ${noticed} | ${((100 * noticed) / Math.max(1, noticed + survived)).toFixed(1)} % | ${count('refused')} | ${count('equivalent')} |`,
      )
    }
    say('\n| folder | faults | noticed | share | refused by the compiler | equivalent |\n|---|---|---|---|---|---|')
    for (const row of rows) say(row)
  } finally {
    await end()
  }
}

if (values.list) for (const { candidates } of groups) for (const candidate of candidates) say(describe(candidate))
else await plantAll()
