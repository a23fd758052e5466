import test from 'ava'
import { createPortRule } from './ports.ts'

/** Other services above port 1023: those that browsers refuse (WHATWG Fetch, "bad port"), then databases, caches and machine control. */
const services: Readonly<Record<string, readonly number[]>> = {
  'h323gatestat, h323hostcall, pptp': [1719, 1720, 1723],
  nfs: [2049],
  'apple-sasl, npp, sieve': [3659, 4045, 4190],
  'sip, sips': [5060, 5061],
  x11: [6000],
  'sane-port': [6566],
  irc: [6665, 6666, 6667, 6668, 6669, 6679, 6697],
  amanda: [10_080],
  'SQL Server, Oracle, MySQL, PostgreSQL': [1433, 1521, 3306, 5432],
  'CouchDB, Redis, Cassandra, Elasticsearch, memcached, MongoDB': [5984, 6379, 9042, 9200, 9300, 11_211, 27_017],
  'AMQP, rdp': [5672, 3389],
  'Docker, etcd, Kubernetes': [2375, 2376, 2379, 2380, 6443, 10_250],
}

const urlOf = (port: number) => new URL(`https://receiver.example:${port}/`)

test('without a setting, deliveries reach port 80, 443 and all above 1023, except those of other services', t => {
  const allowed = createPortRule(null)
  const others = new Set(Object.values(services).flat())
  const wrong = Array.from({ length: 65_536 }, (_, port) => port).filter(
    port => allowed(urlOf(port)) !== (port === 80 || port === 443 || (port > 1_023 && !others.has(port))),
  )
  t.deepEqual(wrong, [])
})

test('a url without a port has that of its protocol', t => {
  const [http, https] = ['http://receiver.example/', 'https://receiver.example/'].map(text => new URL(text))
  for (const [ranges, url, expected] of [
    [[[80, 80]], http, true],
    [[[80, 80]], https, false],
    [[[443, 443]], https, true],
    [[[443, 443]], http, false],
  ] as const)
    t.is(createPortRule(ranges)(url ?? urlOf(0)), expected, `${url?.href} ${ranges[0][0]}`)
})

test('with the operator’s ranges, deliveries reach exactly these, also ports of other services', t => {
  const allowed = createPortRule([
    [443, 443],
    [6_379, 6_381],
  ])
  for (const [port, expected] of [
    [442, false],
    [443, true],
    [444, false],
    [6_378, false],
    [6_379, true],
    [6_381, true],
    [6_382, false],
    [8_443, false],
  ] as const)
    t.is(allowed(urlOf(port)), expected, String(port))
  t.false(createPortRule([])(urlOf(443)))
})
