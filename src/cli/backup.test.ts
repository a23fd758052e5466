import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'

const run = (args: readonly string[], cwd: string, dataDir: string) =>
  new Promise<{ code: number; stderr: string }>(resolve => {
    const { NATS_URL: _, MONGODB_URL: __, ...env } = process.env
    execFile(
      process.execPath,
      [join(import.meta.dirname, 'doorbell.ts'), ...args],
      { cwd, env: { ...env, DOORBELL_DATA_DIR: dataDir } },
      (error, _stdout, stderr) => resolve({ code: error === null ? 0 : Number(error.code), stderr }),
    )
  })

for (const args of [
  ['backup', 'out'],
  ['restore', 'no-backup'],
])
  test(`doorbell ${args[0]} with a mistyped folder names it in full, creates nothing and exits with 1`, async t => {
    const folder = await mkdtemp(join(tmpdir(), 'doorbell-cli-'))
    t.teardown(() => rm(folder, { recursive: true }))
    const { code, stderr } = await run(args, folder, 'mistyped')
    t.is(code, 1)
    t.true(stderr.includes(join(folder, args[0] === 'backup' ? 'mistyped' : 'no-backup')), stderr)
    t.deepEqual(await readdir(folder), [])
  })
