import { spawnSync } from 'node:child_process'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import test, { type ExecutionContext } from 'ava'
import { nodeFlags } from '../../src/service/node-flags.ts'
import { checkIn, rowWhen, subscribe } from '../support/doorbell.ts'
import { startReceiver } from '../support/receiver.ts'
import { startProcess, temporaryFolder } from '../support/service-process.ts'
import { until } from '../support/until.ts'

const limit = 256
const endpoints = 20
const eventsEach = 40

const whenThereIsPrlimit = spawnSync('prlimit', ['--version']).status === 0 ? test : test.skip

/** Endpoints that accept connections and never answer. */
const hangAt = async (t: ExecutionContext, count: number) => {
  const sockets = new Set<Socket>()
  const servers: Server[] = []
  for (let n = 0; n < count; n += 1) {
    const server = createServer(socket => {
      sockets.add(socket.resume().on('error', () => undefined))
      socket.once('close', () => sockets.delete(socket))
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    servers.push(server)
  }
  t.teardown(() => {
    sockets.forEach(socket => socket.destroy())
    servers.forEach(server => server.close())
  })
  return {
    urls: servers.map(server => `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`),
    open: () => sockets.size,
  }
}

whenThereIsPrlimit(
  'with few descriptors, endpoints that hang take neither the API’s connections nor those of a healthy tenant',
  async t => {
    const hanging = await hangAt(t, endpoints)
    const receiver = await startReceiver(t)
    const limited = ['prlimit', `--nofile=${limit}:${limit}`, process.execPath, ...nodeFlags]
    const service = await startProcess({ DOORBELL_DATA_DIR: await temporaryFolder(t) }, [
      ...limited,
      '--import',
      './observability/register.ts',
      'src/main.ts',
    ])
    t.teardown(async () => (service.child.kill(), service.ended))
    const good = await subscribe(service, receiver.url, {}, 'healthy')
    for (const [n, url] of hanging.urls.entries()) await subscribe(service, url, { timeoutMs: 30_000 }, `hanging-${n}`)
    const events = (tenant: string) => ({
      events: Array.from({ length: eventsEach }, (_, n) => checkIn({ id: `${tenant}-${n}`, visitId: `visit-${n}` })),
    })
    for (let n = 0; n < endpoints; n += 1) {
      const { status } = await service.call('POST', `/v1/tenants/hanging-${n}/events/batch`, events(`hanging-${n}`))
      t.true(status < 300)
    }
    // Each endpoint has its share, and wants more.
    await until(
      async () => hanging.open(),
      open => open > limit / 4,
    )
    for (let n = 0; n < 20; n += 1) {
      const id = `good-${n}`
      t.is((await service.call('POST', '/v1/tenants/healthy/events', checkIn({ id, visitId: id }))).status, 202)
      t.is((await fetch(`${service.url}/readyz`)).status, 200)
    }
    await receiver.count(20)
    for (let n = 0; n < 20; n += 1) {
      const { status, attempts } = await rowWhen(service, `good-${n}.${good.id}`, undefined, 'healthy')
      t.deepEqual([status, attempts.length], ['delivered', 1])
    }
    t.true(hanging.open() <= limit / 2)
    const lines = service.output().split('\n')
    t.true(lines.some(line => line.includes('few file descriptors')))
    t.deepEqual(
      lines.filter(line => line.includes('EMFILE')),
      [],
    )
    t.true(lines.filter(line => line.includes('NO_SLOT')).length <= 2, 'one line a minute')
    t.true(lines.filter(line => line.includes('own_fault')).length === 0, 'and none for each attempt')
  },
)
