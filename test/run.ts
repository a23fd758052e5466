/**
 * `npm test`: starts one nats-server and one mongod for the whole run, runs ava, and closes with `N passed, N failed`.
 * Arguments go to ava: `npm test -- actors/` runs one folder.
 */
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEmbedded } from '../src/embedded/embedded.ts'

const dataDir = await mkdtemp(join(tmpdir(), 'doorbell-test-'))
const say = (line: string) => process.stderr.write(`# ${line}\n`)
const servers = await startEmbedded({
  dataDir,
  sync: 'interval',
  nats: true,
  mongodb: true,
  progress: say,
  onExit: say,
})

const ava = spawn('node_modules/.bin/ava', ['--concurrency', '2', ...process.argv.slice(2)], {
  stdio: ['ignore', 'pipe', 'inherit'],
  env: {
    ...process.env,
    DOORBELL_TEST_NATS_URL: servers.natsUrl ?? '',
    DOORBELL_TEST_MONGODB_URL: servers.mongodbUrl ?? '',
  },
})
let report = ''
ava.stdout.on('data', data => {
  report += String(data)
  process.stdout.write(data)
})
const code = await new Promise<number>(resolve => ava.once('close', result => resolve(result ?? 1)))
await servers.stop()
await rm(dataDir, { recursive: true, force: true })

/** Lines of ava's report, one for each test. */
const count = (pattern: RegExp) => report.match(pattern)?.length ?? 0
const passed = count(/^ +✔ /gm)
const skipped = count(/^ +- \[skip\] /gm)
// Whatever went wrong outside of a test (a crash, a timeout, no test at all) is a failure too.
const failed = Math.max(count(/^ +✘ \[fail\]: /gm), code === 0 && passed > 0 ? 0 : 1)
process.stdout.write(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`)
process.exitCode = failed > 0 ? 1 : 0
