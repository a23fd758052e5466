import { spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { freePort } from '../../src/embedded/ports.ts'
import { startService } from '../../src/service/service.ts'
import type { ServiceSettings } from '../../src/service/settings.ts'
import { onDatabase, takeDatabase } from '../support/databases.ts'
import { memoryLog, testSettings } from '../support/doorbell.ts'

/** Fails to start in a process of its own, and resolves when that has ended by itself. */
const failedStart = async (t: ExecutionContext, settings: ServiceSettings, change: object) => {
  const encryptionKey = Buffer.from(settings.encryptionKey).toString('base64')
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, 'failed-start.ts'), JSON.stringify({ ...settings, encryptionKey, ...change })],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  t.teardown(() => child.kill('SIGKILL'))
  let output = ''
  child.stdout.on('data', data => (output += String(data)))
  t.is(await new Promise(resolve => child.once('close', resolve)), 0)
  return JSON.parse(output) as { message: string; intervals: number }
}

/** Runs a service once, so that its database has signing keys. */
const runBefore = async (settings: ServiceSettings) => {
  await (await startService(settings, memoryLog().log)).stop()
}

/** Makes the signing keys unreadable. */
const alterKeys = async (settings: ServiceSettings) => {
  await runBefore(settings)
  const sealedPrivateJwk = { $concat: ['$sealedPrivateJwk', 'A'] }
  await onDatabase(settings.database ?? '', db =>
    db.collection('keys').updateMany({}, [{ $set: { sealedPrivateJwk } }]),
  )
}

const identityProvider = { issuer: 'https://idp.test', jwksUrl: 'not a url', audience: 'doorbell' }

const cases: readonly {
  readonly step: string
  readonly change: () => Promise<object>
  readonly message: RegExp
  readonly prepare?: (settings: ServiceSettings) => Promise<void>
}[] = [
  {
    step: 'MongoDB is unreachable',
    change: async () => ({ mongodbUrl: `mongodb://127.0.0.1:${await freePort(0)}/?serverSelectionTimeoutMS=100` }),
    message: /out of reach/,
  },
  {
    step: 'NATS is unreachable',
    change: async () => ({ natsUrl: `nats://127.0.0.1:${await freePort(0)}` }),
    message: /NATS is out of reach/,
  },
  {
    step: 'the stream cannot be had as configured',
    change: async () => ({ replicas: [3] }),
    message: /event store is out of reach/,
  },
  {
    step: 'the encryption key is another',
    change: async () => ({ encryptionKey: Buffer.alloc(32).toString('base64') }),
    message: /DOORBELL_ENCRYPTION_KEY/,
    prepare: runBefore,
  },
  { step: 'a signing key was altered', change: async () => ({}), message: /altered/, prepare: alterKeys },
  {
    step: 'the worker cannot join the fleet',
    change: async () => ({ replicas: [1, 3] }),
    message: /event store is out of reach/,
  },
  { step: 'the API cannot be built', change: async () => ({ identityProvider }), message: /Invalid URL/ },
]

for (const { step, change, message, prepare } of cases)
  test(`a start that fails because ${step} leaves no connection, port or timer`, async t => {
    const settings = testSettings({ database: takeDatabase(t) })
    await prepare?.(settings)
    const failed = await failedStart(t, settings, await change())
    t.regex(failed.message, message)
    t.is(failed.intervals, 0)
  })

test('a start that fails because its port is in use leaves no connection or timer', async t => {
  const blocker = createServer()
  await new Promise<void>(resolve => blocker.listen(0, '127.0.0.1', resolve))
  t.teardown(() => blocker.close())
  const { port } = blocker.address() as { port: number }
  const failed = await failedStart(t, testSettings({ database: takeDatabase(t) }), { port })
  t.regex(failed.message, /is in use/)
  t.is(failed.intervals, 0)
})
