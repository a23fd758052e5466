import test from 'ava'
import { type NameAnswer, startNameServer } from '../../../test/support/name-server.ts'
import { createDns, type Queries } from './ask-dns.ts'

const noFiles = {
  stat: (): never => {
    throw new Error('no such file')
  },
  read: (): string => '',
}

const asking = async (
  t: { teardown(stop: () => unknown): void },
  answer: (name: string) => NameAnswer,
  resolvConf: string | null = null,
) => {
  const server = await startNameServer(t, answer, { ttlS: 30 })
  const files =
    resolvConf === null ? noFiles : { stat: () => ({ mtimeMs: 1, size: 1, ino: 1 }), read: () => resolvConf }
  return { ...createDns({ servers: [server.address], now: () => 0, files }), asked: server.asked }
}

test('both families of a name are asked for, IPv4 stands first, and each address has its lifetime', async t => {
  const { ask, asked } = await asking(t, () => ['2001:db8::1', '192.0.2.1', '192.0.2.2'])
  t.deepEqual(await ask('receiver.example'), [
    { address: '192.0.2.1', family: 4, ttlMs: 30_000 },
    { address: '192.0.2.2', family: 4, ttlMs: 30_000 },
    { address: '2001:db8::1', family: 6, ttlMs: 30_000 },
  ])
  t.deepEqual(asked.toSorted(), ['A receiver.example', 'AAAA receiver.example'])
})

test('a name that does not exist, one without an address, and a server that fails are distinguished', async t => {
  const { ask } = await asking(t, name =>
    name === 'gone.example' ? 'no such name' : name === 'empty.example' ? [] : 'failure',
  )
  await t.throwsAsync(ask('gone.example'), { code: 'ENOTFOUND' })
  await t.throwsAsync(ask('empty.example'), { code: 'ENODATA' })
  await t.throwsAsync(ask('broken.example'), { code: 'ESERVFAIL' })
})

test('a name is asked for as it is written, then with the search list; a server that fails ends the search', async t => {
  const resolvConf = 'nameserver 192.0.2.53\nsearch Shop.svc.cluster.local. cluster.local\noptions ndots:5 timeout:1\n'
  const { ask, asked } = await asking(
    t,
    name =>
      name === 'receiver.shop.svc.cluster.local' || name === 'receiver.cluster.local'
        ? ['192.0.2.1']
        : name.startsWith('broken.')
          ? 'failure'
          : 'no such name',
    resolvConf,
  )
  t.is((await ask('receiver')).length, 1)
  t.is((await ask('receiver.shop.svc')).length, 1)
  t.deepEqual(
    asked.filter(each => each.startsWith('A ')).map(each => each.slice(2)),
    [
      'receiver.shop.svc.cluster.local',
      'receiver.shop.svc',
      'receiver.shop.svc.shop.svc.cluster.local',
      'receiver.shop.svc.cluster.local',
    ],
  )
  await t.throwsAsync(ask('broken.example'), { code: 'ESERVFAIL' })
  t.is(asked.at(-1)?.split(' ')[1], 'broken.example')
  await t.throwsAsync(ask('gone.example'), { code: 'ENOTFOUND' })
})

/** Answers each question with what the test says for its family, at once or never. */
const fake = (four: () => Promise<unknown>, six: () => Promise<unknown>, root = async () => ['ns']): Queries =>
  ({ resolve4: four, resolve6: six, resolveNs: root }) as unknown as Queries
const failing = (code: string) => async () => {
  throw Object.assign(new Error(code), { code })
}
const never = () => new Promise<never>(() => undefined)
const some = (address: string) => async () => [{ address, ttl: 7 }]

test('a family that is never answered does not hold back the other one', async t => {
  for (const queries of [fake(some('192.0.2.1'), never), fake(never, some('2001:db8::1'))]) {
    const { ask } = createDns({ servers: null, now: () => 0, files: noFiles, createQueries: () => queries })
    t.is((await ask('receiver.example')).length, 1)
  }
})

test('"no address of this family" denies nothing when the other family’s question has failed', async t => {
  const { ask } = createDns({
    servers: null,
    now: () => 0,
    files: noFiles,
    createQueries: () => fake(failing('ETIMEOUT'), failing('ENODATA')),
  })
  await t.throwsAsync(ask('receiver.example'), { code: 'ETIMEOUT' })
})

test('the system’s servers are read again when resolv.conf changes, and once a minute', async t => {
  let [now, mtimeMs, created] = [0, 1, 0]
  const dns = createDns({
    servers: ['192.0.2.53'],
    now: () => now,
    files: { stat: () => ({ mtimeMs, size: 1, ino: 1 }), read: () => 'search example' },
    createQueries: servers => {
      t.deepEqual(servers, ['192.0.2.53'])
      created += 1
      return fake(some('192.0.2.1'), failing('ENODATA'))
    },
  })
  const afterAt = async (ms: number) => {
    now = ms
    await dns.ask('receiver.example')
    return created
  }
  t.is(await afterAt(0), 1)
  t.is(await afterAt(59_999), 1)
  t.is(await afterAt(60_000), 2)
  mtimeMs = 2
  t.is(await afterAt(61_000), 3)
  t.deepEqual(await dns.askRoot(), ['ns'])
  t.is(created, 3)
})
