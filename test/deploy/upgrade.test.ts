import { randomBytes } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import test, { type ExecutionContext } from 'ava'
import { startEmbedded } from '../../src/embedded/embedded.ts'
import { adminToken, checkIn, subscribe } from '../support/doorbell.ts'
import { startReceiver } from '../support/receiver.ts'
import { type ServiceProcess, startProcess, temporaryFolder } from '../support/service-process.ts'

const tenants = Array.from({ length: 12 }, (_, number) => `tenant-${number}`)
const everyMs = 20

interface Posted {
  readonly id: string
  readonly at: number
  /** How often the event was resent with the same id after the connection broke. */
  readonly again: number
  readonly status: number
}

/** Starts publishers that send to the apis in turn, and resend an event if the connection breaks. */
const startPublishers = (apis: readonly ServiceProcess[]) => {
  const posted: Promise<Posted>[] = []
  let number = 0
  const send = async (id: string, tenant: string, at: number, again = 0): Promise<Posted> => {
    const api = apis[(number + again) % apis.length]
    try {
      const answer = await fetch(`${api?.url}/v1/tenants/${tenant}/events`, {
        method: 'POST',
        headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' },
        body: JSON.stringify(checkIn({ id, visitId: id })),
      })
      await answer.arrayBuffer()
      return { id, at, again, status: answer.status }
    } catch (error) {
      if (again === 5) throw error
      return send(id, tenant, at, again + 1)
    }
  }
  const timer = setInterval(() => {
    const tenant = tenants[number % tenants.length] ?? ''
    posted.push(send(`evt-${number}`, tenant, performance.now()))
    number += 1
  }, everyMs)
  return {
    count: () => number,
    stop: () => {
      clearInterval(timer)
      return Promise.all(posted)
    },
  }
}

const startServers = async (t: ExecutionContext) => {
  const servers = await startEmbedded({
    dataDir: await temporaryFolder(t),
    sync: 'interval',
    nats: true,
    mongodb: true,
    progress: () => undefined,
    onExit: (name, detail) => t.log(`${name} ended: ${detail}`),
  })
  t.teardown(servers.stop)
  return { NATS_URL: servers.natsUrl ?? '', MONGODB_URL: servers.mongodbUrl ?? '' }
}

test('two apis and two workers are replaced one by one under load: no request is refused, nothing is lost, and nothing is delivered twice', async t => {
  t.timeout(300_000)
  const environment = {
    ...(await startServers(t)),
    DOORBELL_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
    PUBLIC_URL: 'http://doorbell.test',
  }
  const start = async (role: 'api' | 'worker') => {
    const started = await startProcess({ ...environment, DOORBELL_ROLE: role })
    t.teardown(() => started.child.kill('SIGKILL'))
    return started
  }
  const end = async ({ child, ended }: ServiceProcess) => {
    const at = performance.now()
    child.kill('SIGTERM')
    t.is(await ended, 0)
    return Math.round(performance.now() - at)
  }
  const arrivedAt = new Map<string, number>()
  const receiver = await startReceiver(t, ({ headers }) => {
    const id = String(headers['webhook-id'])
    if (!arrivedAt.has(id)) arrivedAt.set(id, performance.now())
    return wait(20, 204)
  })
  const workers = [await start('worker'), await start('worker')]
  const apis = [await start('api'), await start('api')]
  const [first] = apis
  if (first === undefined) throw new Error('there is no api')
  for (const tenant of tenants) await subscribe(first, receiver.url, {}, tenant)

  const publishers = startPublishers(apis)
  await receiver.count(100)
  const endedInMs: number[] = []
  for (const old of workers.splice(0)) {
    workers.push(await start('worker'))
    endedInMs.push(await end(old))
    await receiver.count(publishers.count() + 50)
  }
  // As with a load balancer: the new api is ready before the old one stops, and the old one gets no new connection by then.
  for (const old of apis.slice()) {
    const fresh = await start('api')
    apis.splice(apis.indexOf(old), 1, fresh)
    endedInMs.push(await end(old))
    await receiver.count(publishers.count() + 50)
  }
  const posted = await publishers.stop()
  await receiver.count(posted.length)

  t.deepEqual(
    posted.filter(({ status }) => status !== 202),
    [],
  )
  const ids = receiver.arrivals.map(({ headers }) => String(headers['webhook-id']))
  t.deepEqual(
    posted.filter(({ id }) => !arrivedAt.has(id)),
    [],
  )
  t.is(ids.length, new Set(ids).size, 'none twice')
  const latencies = posted.map(({ id, at }) => (arrivedAt.get(id) ?? Infinity) - at).toSorted((a, b) => a - b)
  const quantile = (share: number) => Math.round(latencies[Math.floor((latencies.length - 1) * share)] ?? 0)
  t.log(
    `${posted.length} events at ${1_000 / everyMs}/s, ${posted.filter(({ again }) => again > 0).length} resent after a broken connection; ` +
      `POST to receiver p50 ${quantile(0.5)} ms, p99 ${quantile(0.99)} ms, max ${quantile(1)} ms; processes ended in ${endedInMs.join(', ')} ms`,
  )
  for (const process of [...apis, ...workers]) await end(process)
})
