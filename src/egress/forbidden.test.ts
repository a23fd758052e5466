import test from 'ava'
import { createEgress } from './egress.ts'

const never = new AbortController().signal

const forbidden = [
  // IPv4 in its other forms: the URL parser writes them out, and the guard checks the result.
  'http://2130706433/',
  'http://0x7f000001/',
  'http://0177.0.0.1/',
  'http://127.1/',
  'http://0/',
  'http://0.0.0.0/',
  'http://10.0.0.1/',
  'http://100.64.0.1/',
  'http://169.254.169.254/',
  'http://168.63.129.16/',
  'http://172.16.0.1/',
  'http://192.0.0.1/',
  'http://192.0.2.1/',
  'http://192.168.1.1/',
  'http://198.18.0.1/',
  'http://224.0.0.1/',
  'http://240.0.0.1/',
  'http://255.255.255.255/',
  // IPv6: loopback, unspecified, mapped, compatible, translated, tunnelled, local, documentation, multicast.
  'http://[::1]/',
  'http://[::]/',
  'http://[::ffff:127.0.0.1]/',
  'http://[::ffff:7f00:1]/',
  'http://[::127.0.0.1]/',
  'http://[64:ff9b::7f00:1]/',
  'http://[64:ff9b:1::7f00:1]/',
  'http://[2002:7f00:1::]/',
  'http://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/',
  'http://[fc00::1]/',
  'http://[fd00:ec2::254]/',
  'http://[fe80::1]/',
  'http://[fec0::1]/',
  'http://[ff02::1]/',
  'http://[2001:db8::1]/',
  'http://[100::1]/',
]

for (const url of forbidden)
  test(`${url} is refused when it is configured and again at each request`, async t => {
    const made = createEgress({ allow: [], http: true })
    t.teardown(made.close)
    await t.throwsAsync(made.checkUrl(url), { message: /cannot be used/ })
    t.like(await made.post({ tenant: 'acme', url, headers: {}, body: '{}', timeoutMs: 2_000, signal: never }), {
      error: 'refused_address',
    })
  })

for (const [port, allowed] of [
  [22, false],
  [25, false],
  [6379, false],
  [27017, false],
  [8443, true],
] as const)
  test(`port ${port} is ${allowed ? 'allowed' : 'refused'}, unless the operator names ports`, async t => {
    const resolveAll = async () => [{ address: '93.184.216.34', family: 4 }]
    const check = (ports: readonly (readonly [number, number])[] | null) => {
      const made = createEgress({ allow: [], http: false, ports, resolveAll })
      t.teardown(made.close)
      return made.checkUrl(`https://receiver.example:${port}/`)
    }
    if (allowed) await t.notThrowsAsync(check(null))
    else await t.throwsAsync(check(null), { message: /DOORBELL_EGRESS_PORTS/ })
    await t.notThrowsAsync(check([[port, port]]))
    await t.throwsAsync(check([[443, 443]]), { message: /DOORBELL_EGRESS_PORTS/ })
  })
