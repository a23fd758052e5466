import { execFile, spawn } from 'node:child_process'
import { connect } from 'node:net'
import { createInterface } from 'node:readline'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import test, { type ExecutionContext } from 'ava'
import type { content } from '../../examples/receivers/make-vectors.ts'
import { freePort } from '../../src/embedded/ports.ts'
import { checkIn, type Doorbell, type Row, rowWhen, startDoorbell, subscribe } from '../support/doorbell.ts'
import { type Arrival, startReceiver } from '../support/receiver.ts'
import { until } from '../support/until.ts'
import { languages, type Program, vectorsFile } from './languages.ts'

const { vectors } = JSON.parse(await readFile(vectorsFile, 'utf8')) as typeof content
const prepared = await Promise.all(languages.map(async language => ({ language, build: await language.prepare() })))

/** One service for all languages; each language has its own tenant. */
let doorbell: Doorbell
const endings: (() => unknown)[] = []
test.before(async () => {
  doorbell = await startDoorbell({ teardown: end => void endings.push(end) } as ExecutionContext)
})
test.after.always(async () => {
  for (const end of endings.toReversed()) await end()
})

/** The first build is slow. */
const patienceMs = 240_000

for (const { language, build } of prepared) {
  const { name, refusesToo } = language
  const whenItRuns = build === null ? test.skip : test
  const built = async (t: ExecutionContext): Promise<Program> => {
    t.timeout(patienceMs)
    if (build === null) throw new Error('the toolchain is missing')
    return build()
  }

  whenItRuns(
    `the receiver in ${name} accepts what Doorbell sends, processes each event once, and rejects everything else`,
    async t => {
      const program = await built(t)
      const tenant = `/v1/tenants/${name}`
      const recorder = await startReceiver(t)
      const { id, secret } = await subscribe(doorbell, recorder.url, {}, name)
      const { body: first } = await doorbell.call<{ id: string }>('POST', `${tenant}/events`, checkIn())
      const [arrival] = await recorder.count(1)
      const receiver = await serve(t, program, { issuer: doorbell.service.url, id, secret })

      t.is(await post(receiver.url, arrival), 204)
      t.is(await post(receiver.url, arrival), 204, 'a repeated request')
      t.is(await post(receiver.url, arrival, body => body.replace('visit-1', 'visit-2')), 401)
      t.is(await post(receiver.url, { ...arrival, headers: {} } as Arrival), 401)
      // The first unknown key may fetch the key set again; the others arrive too soon after it.
      for (const kid of ['unknown-1', 'unknown-2', 'unknown-3'])
        t.is(await post(receiver.url, withKeyId(arrival, kid)), 401, kid)

      const path = `${tenant}/subscriptions/${id}`
      await doorbell.call('PATCH', path, { url: receiver.url }, { 'content-type': 'application/merge-patch+json' })
      const { body: check } = await doorbell.call('POST', `${path}/verify`)
      t.like(check, { verification: { state: 'verified' }, probe: { accepted: false } })

      const { body: second } = await doorbell.call<{ id: string }>('POST', `${tenant}/events`, checkIn())
      await rowWhen(doorbell, `${second.id}.${id}`, undefined, name)
      await doorbell.call('POST', `${tenant}/deliveries/${second.id}.${id}/resend`)
      const twice = ({ status, attempts }: Row) => status === 'delivered' && attempts.length > 1
      await rowWhen(doorbell, `${second.id}.${id}`, twice, name)
      t.deepEqual(await receiver.stop(), [
        `visit.checked_in ${first.id}`,
        `visit.checked_in ${second.id}`,
        `visit.checked_in ${second.id} (replay)`,
      ])

      const unused = `http://127.0.0.1:${await freePort(0)}`
      const keyless = await serve(t, program, { issuer: unused, id, secret })
      t.is(await post(keyless.url, arrival), 503, 'without keys it cannot judge the request and asks for a retry')
      t.deepEqual(await keyless.stop(), [])
    },
  )

  if (name === 'node') continue
  whenItRuns(`the receiver in ${name} accepts and rejects the vectors as expected`, async t => {
    const { command, check, environment } = await built(t)
    const { stdout } = await promisify(execFile)(command, [...(check ?? []), vectorsFile], {
      env: { ...process.env, ...environment },
    })
    const verdictOf = (vector: (typeof vectors)[number]) =>
      refusesToo.includes(vector.name) ? 'refused' : vector.verdict
    t.deepEqual(
      stdout.trimEnd().split('\n'),
      vectors.map(vector => `${verdictOf(vector)} ${vector.name}`),
    )
  })
}

const post = async (url: string, arrival: Arrival | undefined, alter = (body: string) => body): Promise<number> => {
  // fetch sets the headers of the connection.
  const { host: _, connection: __, 'content-length': ___, ...headers } = arrival?.headers ?? {}
  const body = alter(arrival?.body ?? '')
  return (await fetch(url, { method: 'POST', headers: headers as Record<string, string>, body })).status
}

/** The same request with an invented key id. */
const withKeyId = (arrival: Arrival | undefined, kid: string): Arrival => {
  const [protectedPart = '', ...rest] = String(arrival?.headers['webhook-jws']).split('.')
  const header = { ...(JSON.parse(Buffer.from(protectedPart, 'base64url').toString()) as object), kid }
  const jws = [Buffer.from(JSON.stringify(header)).toString('base64url'), ...rest].join('.')
  return { ...arrival, headers: { ...arrival?.headers, 'webhook-jws': jws } } as Arrival
}

/** Starts the example as a server. `stop` resolves to the lines that it has printed. */
const serve = async (
  t: ExecutionContext,
  { command, serve: args, environment }: Program,
  { issuer, id, secret }: { readonly issuer: string; readonly id: string; readonly secret: string },
) => {
  const port = await freePort(0)
  const settings = { DOORBELL_ISSUER: issuer, DOORBELL_SUBSCRIPTION: id, DOORBELL_SECRET: secret, PORT: String(port) }
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment, ...settings },
  })
  t.teardown(() => child.kill('SIGKILL'))
  let errors = ''
  child.stderr.on('data', (data: Buffer) => (errors += String(data)))
  const lines: string[] = []
  createInterface(child.stdout).on('line', line => lines.push(line.trimEnd()))
  const ended = new Promise(resolve => child.once('close', resolve))
  const failed = ended.then(() => Promise.reject(new Error(`${command} ended: ${errors}`)))
  // At the end of the test it is expected to end.
  failed.catch(() => undefined)
  await Promise.race([listening(port), failed])
  return {
    url: `http://127.0.0.1:${port}/hook`,
    stop: async (): Promise<readonly string[]> => {
      child.kill('SIGTERM')
      await ended
      return lines
    },
  }
}

/** Resolves when a server accepts connections on the port. */
const listening = (port: number): Promise<boolean> =>
  until(
    () =>
      new Promise<boolean>(resolve => {
        const socket = connect(port, '127.0.0.1', () => resolve(socket.destroy() !== undefined))
        socket.on('error', () => resolve(false))
      }),
  )
