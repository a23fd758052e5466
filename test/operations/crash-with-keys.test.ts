import test from 'ava'
import { checkIn, type Doorbell } from '../support/doorbell.ts'
import { startProcess, temporaryFolder } from '../support/service-process.ts'

interface Request {
  readonly path: string
  readonly body: object
  readonly key: string
}

const tenant = (number: number) => `/v1/tenants/tenant-${number}`
const requests: readonly Request[] = Array.from({ length: 240 }, (_, n) => {
  const at = tenant(n % 4)
  const visitId = `visit-${n}`
  if (n % 3 === 0)
    return { path: `${at}/tokens`, body: { scopes: ['events:write'], description: visitId }, key: `key-${n}` }
  if (n % 3 === 1 && n < 120)
    return {
      path: `${at}/subscriptions`,
      body: { url: `http://127.0.0.1:9999/${n}`, eventTypes: ['visit.created'] },
      key: `key-${n}`,
    }
  return { path: `${at}/events`, body: checkIn({ visitId }), key: `key-${n}` }
})

/** Sends all at the same time. A request that got no answer has none here either. */
const sendAll = (call: Doorbell['call']) =>
  Promise.all(
    requests.map(({ path, body, key }) =>
      call<{ id: string }>('POST', path, body, { 'idempotency-key': key }).catch(() => null),
    ),
  )

test('requests with an Idempotency-Key whose answers a crash has swallowed do their work once, and are answered at once when they are repeated', async t => {
  const environment = { DOORBELL_DATA_DIR: await temporaryFolder(t), PUBLIC_URL: 'http://doorbell.test' }
  const first = await startProcess(environment)
  for (let n = 0; n < 4; n += 1) await first.call('PUT', tenant(n), { name: `Tenant ${n}` })
  const cutOff = sendAll(async (...args) => {
    const answer = await first.call<never>(...args)
    // The first answer shows that others are being worked on.
    first.child.kill('SIGKILL')
    return answer
  })
  await first.ended
  const before = await cutOff

  const second = await startProcess(environment)
  t.teardown(() => second.child.kill('SIGKILL'))
  const answers = await sendAll(second.call)
  t.deepEqual(
    answers.filter(answer => answer === null || answer.status > 202).map(answer => answer?.body),
    [],
  )
  for (const [n, answer] of before.entries())
    if (answer !== null && answer.status < 300) t.is(answers[n]?.body.id, answer.body.id, 'what was answered stays')
  for (let n = 0; n < 4; n += 1) {
    const stored = async (kind: string) =>
      (await second.call<{ items: { id: string }[] }>('GET', `${tenant(n)}/${kind}?limit=200`)).body.items.map(
        ({ id }) => id,
      )
    const made = (kind: string) =>
      answers.flatMap((answer, index) => (requests[index]?.path === `${tenant(n)}/${kind}` ? [answer?.body.id] : []))
    for (const kind of ['tokens', 'subscriptions', 'events'])
      t.deepEqual((await stored(kind)).toSorted(), made(kind).toSorted(), `${kind} of tenant ${n}`)
  }
})
