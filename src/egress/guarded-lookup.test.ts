import test from 'ava'
import { createAddressGuard } from './addresses.ts'
import { guardedLookup, type Resolved, type ResolveAll, systemResolver } from './guarded-lookup.ts'

const good: Resolved = { address: '93.184.216.34', family: 4 }
const alsoGood: Resolved = { address: '2606:4700::1111', family: 6 }
const bad: Resolved = { address: '10.0.0.1', family: 4 }
const guard = createAddressGuard([])

const asking = (resolveAll: ResolveAll, now = () => 0) => {
  const lookup = guardedLookup(guard, resolveAll, now)
  return (host: string, all = true) =>
    new Promise<unknown>(resolve =>
      lookup(host, { all }, (error, address, family) =>
        resolve(error ?? (family === undefined ? address : [address, family])),
      ),
    )
}

test('all addresses of a name are returned in their order, or the first to a caller that wants one', async t => {
  const ask = asking(async () => [alsoGood, good])
  t.deepEqual(await ask('receiver.example'), [alsoGood, good])
  t.deepEqual(await ask('receiver.example', false), [alsoGood.address, 6])
})

test('a name with one forbidden address is refused, wherever the address stands', async t => {
  for (const found of [[bad], [good, bad], [bad, good], [good, alsoGood, bad]])
    t.like(await asking(async () => found)('receiver.example'), {
      code: 'REFUSED_ADDRESS',
      message: '10.0.0.1 is in a private or reserved range',
    })
})

test('a name without an address, and one that does not exist, are not resolved', async t => {
  t.like(await asking(async () => [])('receiver.example'), {
    code: 'UNRESOLVED',
    message: 'receiver.example has no address',
  })
  const cause = Object.assign(new Error('no'), { code: 'ENOTFOUND' })
  t.like(await asking(() => Promise.reject(cause))('receiver.example'), {
    code: 'UNRESOLVED',
    message: 'receiver.example could not be resolved',
    cause,
  })
})

test('a resolver that does not answer is away, unless it resolved any name within the last minute', async t => {
  let now = 0
  const ask = asking(
    async host => {
      if (host === 'good.example') return [good]
      throw Object.assign(new Error('try again'), { code: 'EAI_AGAIN' })
    },
    () => now,
  )
  t.like(await ask('bad.example'), { code: 'RESOLVER_AWAY', cause: { code: 'EAI_AGAIN' } })
  await ask('good.example')
  now = 59_999
  t.like(await ask('bad.example'), { code: 'UNRESOLVED' })
  now = 60_000
  t.like(await ask('bad.example'), { code: 'RESOLVER_AWAY' })
})

test('the system’s resolver returns every address of a name', async t => {
  const found = await systemResolver('localhost')
  t.true(found.some(({ address, family }) => address === (family === 4 ? '127.0.0.1' : '::1')))
})
