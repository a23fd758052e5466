import { execFile } from 'node:child_process'
import { join } from 'node:path'
import test from 'ava'
import packageJson from '../../package.json' with { type: 'json' }

interface Result {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

const doorbell = (args: readonly string[], script?: string): Promise<Result> =>
  new Promise(resolve => {
    const { npm_lifecycle_event: _, DOORBELL_ADMIN_TOKEN: __, ...env } = process.env
    execFile(
      process.execPath,
      [join(import.meta.dirname, 'doorbell.ts'), ...args],
      { env: { ...env, ...(script === undefined ? {} : { npm_lifecycle_event: script }) } },
      (error, stdout, stderr) => resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    )
  })

const verbs = ['keys', 'listen', 'backup', 'restore', 'host-app', 'clusters', 'receiver-package']

test('doorbell lists its verbs, without arguments and for --help', async t => {
  for (const args of [[], ['--help'], ['help']]) {
    const { code, stdout } = await doorbell(args)
    t.is(code, 0)
    t.deepEqual(
      [...stdout.matchAll(/^ {2}([\w-]+) +\S/gm)].map(([, name]) => name),
      verbs,
    )
  }
})

for (const verb of verbs)
  test(`doorbell ${verb} --help prints its usage, and an unknown option names it`, async t => {
    const { code, stdout, stderr } = await doorbell([verb, '--help'])
    t.deepEqual([code, stderr], [0, ''])
    t.true(stdout.startsWith(`Usage: doorbell ${verb}`))
    const wrong = await doorbell([verb, '--nonsense'])
    t.not(wrong.code, 0)
    t.true(wrong.stderr.includes('--nonsense'))
    t.true(wrong.stderr.includes(`doorbell ${verb} --help`))
  })

test('an unknown verb is refused with the list', async t => {
  const { code, stdout, stderr } = await doorbell(['key'])
  t.deepEqual([code, stdout], [2, ''])
  t.true(stderr.startsWith('doorbell has no verb "key".'))
  for (const verb of verbs) t.true(stderr.includes(`  ${verb} `))
})

test('a fault that the user can fix is printed without a stack', async t => {
  t.deepEqual(await doorbell(['keys']), {
    code: 1,
    stdout: '',
    stderr: 'Set DOORBELL_ADMIN_TOKEN to the operator’s token.\n',
  })
})

test('the former scripts still run their verb, and print the new name', async t => {
  const scripts: Readonly<Record<string, string>> = packageJson.scripts
  for (const former of ['keys', 'listen', 'backup', 'restore', 'host-app', 'clusters'])
    t.is(scripts[former], `node src/cli/doorbell.ts ${former}`)
  const { code, stdout, stderr } = await doorbell(['keys', '--help'], 'keys')
  t.is(code, 0)
  t.true(stdout.startsWith('Usage: doorbell keys'))
  t.is(stderr, '"npm run keys" is now "npm run doorbell -- keys"\n')
  t.is((await doorbell(['keys', '--help'], 'doorbell')).stderr, '')
})
