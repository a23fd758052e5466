import { EventEmitter, once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { mock } from 'node:test'
import test, { type ExecutionContext } from 'ava'
import { freePort } from '../../src/embedded/ports.ts'
import { openDataFolder } from '../../src/embedded/data-folder.ts'
import { runUntilStopped } from '../../src/service/life.ts'
import { documentedTable } from '../support/documented-table.ts'
import { launch, startProcess, temporaryFolder } from '../support/service-process.ts'

type Host = EventEmitter & { exitCode?: number }
type Cause = (host: Host, stop: (exitCode: number) => void) => unknown

/** The exit code of a program to which this happens while it runs, or while it starts. */
const exitOf = async (cause: Cause, { starting = false, closing = Promise.resolve() } = {}): Promise<number> => {
  const host: Host = new EventEmitter()
  const { promise, resolve } = Promise.withResolvers<number>()
  const log = { error: () => undefined } as never
  const begun = Promise.withResolvers<(exitCode: number) => void>()
  void runUntilStopped(
    log,
    async (running, stop) => {
      running.defer(() => closing)
      begun.resolve(stop)
      if (starting) await new Promise(() => undefined)
    },
    Object.assign(host, { exit: resolve }) as never,
  )
  cause(host, await begun.promise)
  return promise
}

const signals = async () => {
  const codes = new Set<number>()
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'])
    for (const starting of [false, true]) codes.add(await exitOf(host => host.emit(signal), { starting }))
  return [...codes].join()
}

/** As stop-process.ts does; the tests of watch.ts and join-fleet.ts show that these two use it. */
const stopsItself = () => exitOf(host => Object.assign(host, { exitCode: 1 }).emit('SIGTERM'))

const lateStops = async () => {
  const stuck = { closing: new Promise<void>(() => undefined) }
  mock.timers.enable({ apis: ['setTimeout'] })
  const codes = [0, 3].map(code =>
    exitOf((_, stop) => {
      stop(code)
      mock.timers.tick(14_000)
    }, stuck),
  )
  const found = (await Promise.all(codes)).join()
  mock.timers.reset()
  return found === '0,3' ? 'that of the stop' : found
}

/** A start that must fail: it prints our own text and no stack. */
const failedStart = async (t: ExecutionContext, environment: Readonly<Record<string, string>>, text: RegExp) => {
  const { ended, output } = launch(environment)
  const code = await ended
  t.regex(output(), text)
  t.notRegex(output(), /^\s+at /m)
  return code
}

const takenPort = async (t: ExecutionContext) => {
  const blocker = createServer().listen(0, '127.0.0.1')
  await once(blocker, 'listening')
  t.teardown(() => blocker.close())
  return String((blocker.address() as { port: number }).port)
}

const usedFolder = async (t: ExecutionContext) => {
  const path = await temporaryFolder(t)
  const folder = await openDataFolder(path)
  t.teardown(folder.release)
  return path
}

const embeddedServerEnds = async (t: ExecutionContext) => {
  const folder = await temporaryFolder(t)
  const { ended, output } = await startProcess({ DOORBELL_DATA_DIR: folder })
  process.kill(Number(await readFile(join(folder, 'nats-server.pid'), 'utf8')), 'SIGKILL')
  const code = await ended
  t.regex(output(), /"an embedded server ended"/)
  return code
}

const away = async () => ({
  NATS_URL: `nats://127.0.0.1:${await freePort(0)}`,
  MONGODB_URL: `mongodb://127.0.0.1:${await freePort(0)}/`,
  DOORBELL_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
})

/** What happens, as the documentation names it, and how it is brought about. */
const happenings: Readonly<Record<string, (t: ExecutionContext) => Promise<unknown>>> = {
  'SIGTERM, SIGINT or SIGHUP, also during a start': signals,
  'a setting is not valid': t => failedStart(t, { PORT: 'x' }, /PORT/),
  'a port is in use, or may not be opened': async t =>
    failedStart(t, { ...(await away()), PORT: await takenPort(t) }, /is in use\. Stop what listens there/),
  'another service uses the data folder': async t =>
    failedStart(t, { DOORBELL_DATA_DIR: await usedFolder(t) }, /in use by another Doorbell \(process \d+\)/),
  'an embedded server ends': embeddedServerEnds,
  'the number of partitions was changed while the process was suspended': stopsItself,
  'the fleet cannot be followed, because of a defect': stopsItself,
  'any other defect': () => exitOf(host => host.emit('uncaughtException', new Error('a defect'))),
  'the process that started this worker has ended': () => exitOf(host => host.emit('disconnect')),
  'a stop takes longer than 14 s': lateStops,
}

const table = documentedTable('docs/operations.md', 'How a process ends')

test('the documentation names every way in which a process ends by itself', t => {
  t.deepEqual(
    table.map(([happening]) => happening),
    Object.keys(happenings),
  )
})

for (const [happening = '', code] of table)
  test.serial(`a process ends with the documented exit code when ${happening}`, async t => {
    t.is(String(await happenings[happening]?.(t)), code ?? '')
  })

test('each line of the log that the documentation names is in the source', async t => {
  const root = join(import.meta.dirname, '../../src/service')
  const files = (await readdir(root)).filter(name => name.endsWith('.ts') && !name.includes('.test.'))
  const source = (await Promise.all(files.map(name => readFile(join(root, name), 'utf8')))).join('\n')
  for (const [, , seen = ''] of table)
    for (const [, line = ''] of seen.matchAll(/`([^`]+)`/g)) t.true(source.includes(`'${line}'`), line)
})
