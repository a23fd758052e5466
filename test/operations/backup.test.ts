import { spawn } from 'node:child_process'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { checkBackup, restoreBackup, saveBackup } from '../../src/backup/backup.ts'
import { startEmbedded } from '../../src/embedded/embedded.ts'
import { startService } from '../../src/service/service.ts'
import { callOf, checkIn, memoryLog, rowWhen, startDoorbell, subscribe } from '../support/doorbell.ts'
import { startReceiver } from '../support/receiver.ts'
import { type ServiceProcess, startProcess, temporaryFolder } from '../support/service-process.ts'

const tenant = '/v1/tenants/acme'

/** `npm run doorbell -- backup` or `restore`, without npm. */
const run = async (verb: 'backup' | 'restore', folder: string, dataDir: string) => {
  const child = spawn(process.execPath, ['src/cli/doorbell.ts', verb, folder], {
    cwd: join(import.meta.dirname, '../..'),
    env: { ...process.env, DOORBELL_DATA_DIR: dataDir },
    stdio: ['ignore', 'inherit', 'pipe'],
  })
  let output = ''
  child.stderr.on('data', data => (output += String(data)))
  const code = await new Promise(resolve => child.once('close', resolve))
  return { code, output }
}

test.serial('from a backup to running with nothing lost: a service on servers of its own', async t => {
  const [home, folder] = [await temporaryFolder(t), await temporaryFolder(t)]
  const [old, backup, fresh] = [join(home, 'old'), join(folder, 'backup'), join(home, 'fresh')]
  const receiver = await startReceiver(t, () => new Promise(() => undefined))
  const well = await startReceiver(t)
  const environment = { PUBLIC_URL: 'http://doorbell.test' }
  const first = await startProcess({ ...environment, DOORBELL_DATA_DIR: old })
  const delivering = await subscribe(first, well.url)
  const paused = await subscribe(first, well.url)
  await first.call('POST', `${tenant}/subscriptions/${paused.id}/pause`)
  const events = (from: number) => ({
    events: Array.from({ length: 50 }, (_, n) => checkIn({ id: `evt-${from + n}` })),
  })
  await first.call('POST', `${tenant}/events/batch`, events(0))
  for (let n = 0; n < 50; n += 1) await rowWhen(first, `evt-${n}.${delivering.id}`)
  // What comes now has no row: its receiver says nothing, and the service is killed.
  await first.call('PATCH', `${tenant}/subscriptions/${delivering.id}`, { url: receiver.url })
  await first.call('POST', `${tenant}/events/batch`, events(50))
  await receiver.count(1)
  t.like(await run('backup', backup, old), { code: 1 }, 'the data folder is in use')
  first.child.kill('SIGKILL')
  await first.ended

  const saved = await run('backup', backup, old)
  t.regex(saved.output, /saved 100 events and \d+ documents as of /)
  t.like(await run('backup', backup, old), { code: 1 }, 'a backup is not written over')
  t.deepEqual(
    (await readdir(backup)).filter(name => !name.endsWith('.bson')),
    ['admin-token', 'backup.json', 'encryption-key', 'stream.tar.s2'],
  )
  await rm(old, { recursive: true })
  t.regex((await run('restore', backup, fresh)).output, /restored 100 events/)
  t.like(await run('restore', backup, fresh), { code: 1 }, 'nothing is restored over anything')

  const second = await startProcess({ ...environment, DOORBELL_DATA_DIR: fresh })
  t.teardown(() => second.child.kill('SIGKILL'))
  await second.call('PATCH', `${tenant}/subscriptions/${delivering.id}`, { url: well.url })
  await second.call('POST', `${tenant}/subscriptions/${paused.id}/resume`)
  for (let n = 0; n < 100; n += 1)
    for (const { id } of [delivering, paused])
      await rowWhen(second, `evt-${n}.${id}`, ({ status }) => ['delivered', 'pending', 'held'].includes(status))
  await well.count(50 + 100)
  t.true(
    well.arrivals.every(({ headers }) => headers['webhook-signature'] !== undefined),
    'secrets can be read',
  )
  second.child.kill('SIGTERM')
  t.is(await second.ended, 0)
})

test.serial(
  'after a restore new events have higher numbers than those that were delivered after the backup',
  async t => {
    const home = await temporaryFolder(t)
    const [old, backup, fresh] = [join(home, 'old'), join(home, 'backup'), join(home, 'fresh')]
    const receiver = await startReceiver(t)
    let expected = 0
    const running = async (dataDir: string, work: (doorbell: ServiceProcess) => Promise<unknown>) => {
      const doorbell = await startProcess({ PUBLIC_URL: 'http://doorbell.test', DOORBELL_DATA_DIR: dataDir })
      t.teardown(() => doorbell.child.kill('SIGKILL'))
      await work(doorbell)
      doorbell.child.kill('SIGTERM')
      t.is(await doorbell.ended, 0)
    }
    const send =
      (...ids: string[]) =>
      async ({ call }: ServiceProcess) => {
        for (const id of ids) t.is((await call('POST', `${tenant}/events`, checkIn({ id }))).status, 202)
        await receiver.count((expected += ids.length))
      }
    await running(old, async doorbell => {
      await subscribe(doorbell, receiver.url)
      await send('a', 'b', 'c')(doorbell)
    })
    t.is((await run('backup', backup, old)).code, 0)
    await running(old, send('d', 'e', 'f', 'g', 'h'))
    t.is((await run('restore', backup, fresh)).code, 0)
    await running(fresh, send('i', 'j', 'k'))
    const numbers = receiver.arrivals
      .map(({ body, headers }) => ({ id: headers['webhook-id'], ...(JSON.parse(body) as { sequence: number }) }))
      .toSorted((one, other) => one.sequence - other.sequence)
    t.deepEqual(
      numbers.map(({ id }) => id),
      ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k'],
    )
  },
)

test.serial('a backup of a running service has everything that was accepted before it began', async t => {
  const [folder, data] = [await temporaryFolder(t), await temporaryFolder(t)]
  const backup = join(folder, 'backup')
  const receiver = await startReceiver(t)
  const doorbell = await startDoorbell(t)
  const { id } = await subscribe(doorbell, receiver.url)
  const database = doorbell.settings.database ?? ''
  const { natsUrl, mongodbUrl } = doorbell.settings
  let [posted, going] = [0, true]
  const posting = (async () => {
    while (going) {
      const { status } = await doorbell.call('POST', `${tenant}/events`, checkIn({ id: `evt-${posted}` }))
      if (status === 202) posted += 1
    }
  })()
  await receiver.count(50)
  const acceptedBefore = posted
  const manifest = await saveBackup({ natsUrl, stream: database, mongodbUrl, database }, backup)
  await receiver.count(posted)
  going = false
  await posting
  t.true(((manifest.stream?.state ?? {}) as { messages: number }).messages >= acceptedBefore)
  await doorbell.service.stop()

  const servers = await startEmbedded({
    dataDir: data,
    sync: 'interval',
    nats: true,
    mongodb: true,
    progress: () => undefined,
    onExit: (name, detail) => t.log(name, detail),
  })
  t.teardown(servers.stop)
  const place = { natsUrl: servers.natsUrl ?? '', mongodbUrl: servers.mongodbUrl ?? '' }
  const saved = await checkBackup(backup)
  await restoreBackup({ ...place, stream: database, database }, backup, saved)
  await t.throwsAsync(restoreBackup({ ...place, stream: database, database }, backup, saved), { message: /holds data/ })
  const service = await startService({ ...doorbell.settings, ...place }, memoryLog().log)
  t.teardown(service.stop)
  const restored = { call: callOf(service.url) }
  for (let n = 0; n < acceptedBefore; n += 1) await rowWhen(restored, `evt-${n}.${id}`)
  // Receivers that know the events from after the backup must not take this one for an old one.
  await restored.call('POST', `${tenant}/events`, checkIn({ id: 'evt-new' }))
  await rowWhen(restored, `evt-new.${id}`)
  const numberOf = ({ body }: { readonly body: string }) => (JSON.parse(body) as { sequence: number }).sequence
  const [added, ...others] = receiver.arrivals.toSorted((one, other) => numberOf(other) - numberOf(one))
  t.is(added?.headers['webhook-id'], 'evt-new')
  t.true(others.every(arrival => numberOf(arrival) < (added === undefined ? 0 : numberOf(added))))
  // A row of an event that came after the stream was saved: no other event has its number.
  for (let n = acceptedBefore; n < posted; n += 1) {
    const { status, body } = await restored.call<{ event: { id: string } | null }>('GET', `${tenant}/events/evt-${n}`)
    if (status === 200 && body.event !== null) t.is(body.event.id, `evt-${n}`)
  }
})
