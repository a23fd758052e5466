import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'
import test, { type ExecutionContext } from 'ava'
import { freePort } from '../../src/embedded/ports.ts'
import { prepareMongoSet } from '../../tools/clusters/mongo.ts'
import { prepareNatsCluster } from '../../tools/clusters/nats.ts'
import { checkIn, rowWhen, subscribe } from '../support/doorbell.ts'
import { startReceiver } from '../support/receiver.ts'
import { launch, type StartingProcess, temporaryFolder } from '../support/service-process.ts'
import { until } from '../support/until.ts'

/** Servers that do not run yet, and the settings of a service that uses them. */
const prepareServers = async (t: ExecutionContext) => {
  const folder = await temporaryFolder(t)
  const nats = await prepareNatsCluster(folder, { size: 1, sync: 'always' })
  const mongo = await prepareMongoSet(folder, { size: 1 })
  t.teardown(() => Promise.all([nats.stop(), mongo.stop()]))
  const environment = {
    NATS_URL: nats.url,
    MONGODB_URL: mongo.url,
    DOORBELL_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
    PUBLIC_URL: 'http://doorbell.test',
    PORT: String(await freePort(0)),
  }
  return { nats, mongo, environment, url: `http://127.0.0.1:${environment.PORT}` }
}

const launched = (t: ExecutionContext, environment: Readonly<Record<string, string>>): StartingProcess => {
  const process = launch(environment)
  t.teardown(() => process.child.kill('SIGKILL'))
  return process
}

/** How the process answers a probe, as soon as its answer contains this text. */
const answerWith = async (url: string, text: string) => {
  const ask = async () => {
    const answer = await fetch(url).catch(() => null)
    return { status: answer?.status, text: (await answer?.text()) ?? '' }
  }
  return until(ask, found => found.text.includes(text))
}

test('a start without its servers waits and says for what, and continues when they come', async t => {
  const { nats, mongo, environment, url } = await prepareServers(t)
  const { started, output, child } = launched(t, environment)
  t.is((await answerWith(`${url}/readyz`, 'waiting for MongoDB since')).status, 503)
  t.is((await answerWith(`${url}/livez`, 'ok')).status, 200)
  await until(() => output().includes('"awaited":"MongoDB"'))
  await mongo.start()
  t.is((await answerWith(`${url}/readyz`, 'waiting for NATS since')).status, 503)
  await nats.start()
  const doorbell = await started
  t.true(output().includes('the start continues'))
  t.is((await answerWith(`${url}/readyz`, '"status":"ok"')).status, 200)

  const receiver = await startReceiver(t)
  const { id } = await subscribe(doorbell, receiver.url)
  t.is((await doorbell.call('POST', '/v1/tenants/acme/events', checkIn({ id: 'evt-1' }))).status, 202)
  await rowWhen(doorbell, `evt-1.${id}`)
  child.kill('SIGTERM')
  t.is(await doorbell.ended, 0)
})

test('SIGTERM ends a start that waits at once, with exit code 0 and without a complaint', async t => {
  const { environment } = await prepareServers(t)
  const { child, ended, output } = launched(t, environment)
  await until(() => output().includes('the start waits'))
  child.kill('SIGTERM')
  t.is(await ended, 0)
  t.false(output().includes('"level":50'), 'nor was the stop cut off: it waits for no server')
  t.false(/^\s+at /m.test(output()), 'no stack')
})

test('a port that is taken ends the start at once with exit code 1, what to do and no stack, although its servers are away', async t => {
  const { environment } = await prepareServers(t)
  const blocker = createServer().listen(Number(environment.PORT), '127.0.0.1')
  await once(blocker, 'listening')
  t.teardown(() => blocker.close())
  const { ended, output } = launched(t, environment)
  t.is(await ended, 1)
  const remedy = 'Stop what listens there, or choose another with PORT (0: any free one).'
  t.is(output(), `Port ${environment.PORT} of 127.0.0.1 is in use. ${remedy}\n`)
})
