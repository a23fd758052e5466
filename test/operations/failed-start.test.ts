import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { freePort } from '../../src/embedded/ports.ts'
import { startService } from '../../src/service/service.ts'
import type { ServiceSettings } from '../../src/service/settings.ts'
import { onDatabase, takeDatabase } from '../support/databases.ts'
import { memoryLog, testSettings } from '../support/doorbell.ts'
import type { Answer, Order } from './failed-start.ts'

let child: ChildProcess
test.serial.before(() => (child = fork(join(import.meta.dirname, 'failed-start.ts'))))
test.serial.after.always(() => child.kill('SIGKILL'))

/** The start fails with an error of this code, and leaves nothing open. */
const failsWith = async (t: ExecutionContext, code: string, settings: ServiceSettings, change: Partial<Order> = {}) => {
  const encryptionKey = Buffer.from(settings.encryptionKey).toString('base64')
  child.send({ settings: { ...settings, encryptionKey }, ...change } satisfies Order)
  const [answer] = (await once(child, 'message')) as [Answer]
  t.deepEqual(answer, { code, intervals: 0 })
}

const freshSettings = (t: ExecutionContext, change: Partial<ServiceSettings> = {}) =>
  testSettings({ database: takeDatabase(t), ...change })

/** Settings of a service that has run, so that its database has signing keys. */
const usedSettings = async (t: ExecutionContext) => {
  const settings = freshSettings(t)
  await (await startService(settings, memoryLog().log)).stop()
  return settings
}

const leavesNothing = 'leaves no connection, port or timer'

test.serial(`a start that is stopped while it waits for MongoDB ${leavesNothing}`, async t => {
  const mongodbUrl = `mongodb://127.0.0.1:${await freePort(0)}/`
  await failsWith(t, 'stopped', freshSettings(t, { mongodbUrl }))
})

test.serial(`a start that is stopped while it waits for NATS ${leavesNothing}`, async t => {
  const natsUrl = `nats://127.0.0.1:${await freePort(0)}`
  await failsWith(t, 'stopped', freshSettings(t, { natsUrl }))
})

test.serial(`a start that fails because the stream cannot have its replicas ${leavesNothing}`, async t => {
  await failsWith(t, 'invalid_settings', freshSettings(t, { replicas: 3 }))
})

test.serial(`a start that fails because the encryption key is another ${leavesNothing}`, async t => {
  const settings = await usedSettings(t)
  await failsWith(t, 'invalid_settings', { ...settings, encryptionKey: new Uint8Array(32) })
})

test.serial(`a start that fails because its port is in use ${leavesNothing}`, async t => {
  const blocker = createServer().listen(0, '127.0.0.1')
  await once(blocker, 'listening')
  t.teardown(() => blocker.close())
  const { port } = blocker.address() as { port: number }
  await failsWith(t, 'conflict', freshSettings(t, { port }))
})

test.serial(`a start that fails because a signing key was altered ${leavesNothing}`, async t => {
  const settings = await usedSettings(t)
  const sealedPrivateJwk = { $concat: ['$sealedPrivateJwk', 'A'] }
  await onDatabase(settings.database, db => db.collection('keys').updateMany({}, [{ $set: { sealedPrivateJwk } }]))
  await failsWith(t, 'invalid_settings', settings)
})

test.serial(`a start that fails because the worker cannot join the fleet ${leavesNothing}`, async t => {
  await failsWith(t, 'invalid_settings', freshSettings(t), { partitionsAtJoin: 8 })
})

test.serial(`a start that fails because the API cannot be built ${leavesNothing}`, async t => {
  const claims = { audience: 'doorbell', tenantClaim: 'tenant', roleClaim: 'role', operatorRole: null }
  const identityProvider = { issuer: 'https://idp.test', jwksUrl: 'not a url', ...claims }
  await failsWith(t, 'ERR_INVALID_URL', freshSettings(t, { identityProvider }))
})

test.serial('a process with failed starts ends by itself', async t => {
  child.disconnect()
  t.deepEqual(await once(child, 'exit'), [0, null])
})
