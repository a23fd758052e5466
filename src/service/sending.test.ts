import test from 'ava'
import { aServiceSettings } from '../../test/support/fake-parts.ts'
import { fakePorts } from '../../test/support/fake-ports.ts'
import { aDelivery, anAnswer, aSubscription } from '../../test/support/supervised-values.ts'
import type { EgressOptions } from '../egress/egress.ts'
import type { Parts } from './parts.ts'
import { createSending, openEgress } from './sending.ts'

test('deliveries, test events and endpoint checks are signed with the keys of the service, leave by its egress, and are cut off with it', async t => {
  const cutOff = new AbortController().signal
  const secret = `whsec_${Buffer.alloc(24, 1).toString('base64')}`
  const requests: { headers: Record<string, string>; signal: AbortSignal }[] = []
  let isFresh = true
  const { ports, calls, counts, lines } = fakePorts<Parts>({
    'keyRing.sign': async () => 'a jws',
    'sealer.open': async (sealed: string) => (sealed === 'extras' ? '{"headers":{"x-own":"yes"}}' : secret),
    'egress.post': async (request: (typeof requests)[number]) => (requests.push(request), anAnswer(204)),
    'activity.attempted': () => undefined,
    'directory.isFresh': () => isFresh,
  })
  const { sealer, activity, directory, egress, keyRing, metrics, log } = ports
  const { send, sendTest, checkEndpoint } = createSending({
    stores: { sealer, activity, directory },
    egress,
    keyRing,
    cutOff,
    metrics,
    log,
  })
  const subscription = aSubscription({ sealedExtras: 'extras' })
  await send({ delivery: aDelivery(1), subscription, number: 1, receiverHealthy: true })
  t.is((await sendTest(aDelivery(2, { kind: 'test' }), subscription)).status, 'delivered')
  t.is((await checkEndpoint(subscription, { type: 'visit.checked_in', data: {} })).probe.accepted, true)
  t.is(requests.length, 4)
  for (const { headers, signal } of requests) {
    t.is(signal, cutOff)
    t.like(headers, { 'webhook-jws': 'a jws', 'x-own': 'yes' })
    t.regex(headers['webhook-signature'] ?? '', /^v1,/)
  }
  t.deepEqual([counts.length, lines.length], [2, 2])
  t.is(calls.filter(([path]) => path === 'activity.attempted').length, 2, 'a check is no activity of the endpoint')
  isFresh = false
  const waiting = await send({ delivery: aDelivery(3), subscription, number: 1, receiverHealthy: true })
  t.deepEqual(waiting.outcome, { type: 'unanswered', error: 'own_fault', tookMs: 0 })
  t.is(requests.length, 4, 'nothing is posted for what may have been deleted')
  t.is((await sendTest(aDelivery(4, { kind: 'test' }), subscription)).status, 'delivered')
})

test('the egress may go where the settings allow it, and nowhere else', t => {
  const asked: EgressOptions[] = []
  const egress = openEgress(
    aServiceSettings({
      egressAllow: ['10.0.0.0/8'],
      egressHttp: true,
      egressPorts: [[443, 443]],
      egressCa: 'pem',
      egressDns: ['10.0.0.53'],
      connectionMaxAgeSeconds: 7,
    }),
    1_024,
    options => (asked.push(options), 'the egress' as never),
  )
  t.is<unknown, unknown>(egress, 'the egress')
  t.deepEqual(asked, [
    {
      allow: ['10.0.0.0/8'],
      http: true,
      ports: [[443, 443]],
      ca: 'pem',
      dnsServers: ['10.0.0.53'],
      connectionMaxAgeMs: 7_000,
      maxAttempts: 512,
    },
  ])
})
