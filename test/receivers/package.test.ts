import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import test, { type ExecutionContext } from 'ava'
import { eventTypes } from '../../config/event-types/index.ts'
import { freePort } from '../../src/embedded/ports.ts'
import { eventDataSource } from '../../tools/receiver-package/event-data.ts'
import { adminToken, checkIn, rowWhen, startDoorbell, subscribe } from '../support/doorbell.ts'
import { startReceiver } from '../support/receiver.ts'

const root = join(import.meta.dirname, '../..')
const run = promisify(execFile)

/** A customer's project in another folder, with the package installed by npm. jose comes from this repository, so no registry is needed. */
let folder = ''
test.before(async t => {
  t.timeout(120_000)
  folder = await realpath(await mkdtemp(join(tmpdir(), 'doorbell-consumer-')))
  const built = await run(process.execPath, [
    join(root, 'src/cli/doorbell.ts'),
    'receiver-package',
    join(folder, 'package'),
  ])
  const dependencies = { doorbell: `file:${built.stdout.trim()}`, jose: `file:${join(root, 'node_modules/jose')}` }
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'consumer', private: true, dependencies }))
  await run('npm', ['install', '--offline', '--no-audit', '--no-fund'], { cwd: folder })
  await rm(join(folder, 'package'), { recursive: true })
  await cp(join(import.meta.dirname, 'consumer'), folder, { recursive: true })
})
test.after.always(() => rm(folder, { recursive: true, force: true }))

test('the installed package verifies a real webhook in plain JavaScript and answers the challenge', async t => {
  const doorbell = await startDoorbell(t)
  const { call, service } = doorbell
  // The receiver needs the id of the subscription, and the subscription the port of the receiver.
  const made = await subscribe(doorbell, 'http://127.0.0.1:8080/hook')
  const receiver = startConsumer(t, [service.url, made.id, made.secret])
  const { port } = await receiver.next()
  const path = `/v1/tenants/acme/subscriptions/${made.id}`
  await call(
    'PATCH',
    path,
    { url: `http://127.0.0.1:${String(port)}/hook` },
    { 'content-type': 'application/merge-patch+json' },
  )

  const { body: check } = await call<{ verification: { state: string }; probe: { accepted: boolean } }>(
    'POST',
    `${path}/verify`,
  )
  t.like(check, { verification: { state: 'verified' }, probe: { accepted: false } })
  t.deepEqual(await receiver.next(), { refused: 'wrong_signature' })

  const { body: accepted } = await call<{ id: string }>('POST', '/v1/tenants/acme/events', checkIn())
  t.like(await receiver.next(), { event: { id: accepted.id, type: 'visit.checked_in', visitId: 'visit-1' } })
  const row = await rowWhen(doorbell, `${accepted.id}.${made.id}`)
  t.deepEqual(
    row.attempts.map(({ status }) => status),
    [204],
  )
})

for (const page of ['docs/receivers.md', 'tools/receiver-package/README.md'])
  test(`the first program of ${page} receives a webhook without changes`, async t => {
    const doorbell = await startDoorbell(t)
    const port = await freePort(0)
    const { id, secret } = await subscribe(doorbell, `http://127.0.0.1:${port}/hook`)
    const [, program = ''] = /```js\n([^]*?)```/.exec(await readFile(join(root, page), 'utf8')) ?? []
    const filledIn = [
      ['https://doorbell.example.com', doorbell.service.url],
      ['sub_…', id],
      ['whsec_…', secret],
      ['8080', String(port)],
    ].reduce((text, [from = '', to = '']) => text.replaceAll(from, to), program)
    const file = join(folder, `program-${port}.mjs`)
    await writeFile(file, filledIn)
    const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'inherit'] })
    t.teardown(() => child.kill('SIGKILL'))
    const printed = once(child.stdout, 'data') as Promise<[Buffer]>
    // Doorbell repeats attempts that were made before the program listens.
    const { body: accepted } = await doorbell.call<{ id: string }>('POST', '/v1/tenants/acme/events', checkIn())
    t.regex(String(await printed), /visit-1|Anna/)
    await rowWhen(doorbell, `${accepted.id}.${id}`)
  })

test('the installed package contains the command doorbell listen', async t => {
  const doorbell = await startDoorbell(t)
  const recorder = await startReceiver(t)
  await doorbell.call('PUT', '/v1/tenants/acme', { name: 'Acme' })
  const { body: accepted } = await doorbell.call<{ id: string }>('POST', '/v1/tenants/acme/events', checkIn())
  const connection = ['--url', doorbell.service.url, '--tenant', 'acme', '--token', adminToken]
  const args = ['listen', ...connection, '--to', recorder.url, '--since', '1h', '--keys-port', '0']
  const command = spawn(join(folder, 'node_modules/.bin/doorbell'), args, { stdio: ['ignore', 'ignore', 'inherit'] })
  t.teardown(() => command.kill('SIGKILL'))
  const ended = new Promise(resolve => command.once('close', resolve))
  const [arrival] = await Promise.race([recorder.count(1), ended.then(() => [])])
  t.is(arrival?.headers['webhook-id'], accepted.id)
  command.kill('SIGINT')
  t.is(await ended, 0)
})

test('the installed package gives TypeScript the data of each event type', async t => {
  await symlink(join(root, 'node_modules/@types'), join(folder, 'node_modules/@types'))
  const compiler = join(root, 'node_modules/typescript/bin/tsc')
  for (const [module, moduleResolution] of [
    ['nodenext', 'nodenext'],
    ['esnext', 'bundler'],
  ] as const) {
    const settings = { module, moduleResolution, strict: true, noEmit: true, target: 'es2023', types: ['node'] }
    await writeFile(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ compilerOptions: { ...settings, typeRoots: ['node_modules/@types'] }, files: ['types.ts'] }),
    )
    await t.notThrowsAsync(run(process.execPath, [compiler, '-p', folder]), module)
  }
})

test('the types of the events match the catalogue: npm run generate writes them', async t => {
  t.is(await readFile(join(root, 'src/receiver/event-data.ts'), 'utf8'), eventDataSource(eventTypes))
})

type Line = Readonly<Record<string, unknown>>

/** Starts the customer's process. `next` resolves to its next line. */
const startConsumer = (t: ExecutionContext, args: readonly string[]) => {
  const child: ChildProcess = spawn(process.execPath, ['receiver.mjs', ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.teardown(() => child.kill('SIGKILL'))
  if (child.stdout === null) throw new Error('no output')
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  return {
    next: async (): Promise<Line> => {
      const { value, done } = await lines.next()
      if (done === true) throw new Error('the receiver ended')
      return JSON.parse(value) as Line
    },
  }
}
