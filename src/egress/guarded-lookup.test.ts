import test from 'ava'
import { createAddressGuard } from './addresses.ts'
import { guardedLookup } from './guarded-lookup.ts'
import type { Resolved, ResolveAll } from './names/resolved.ts'

const good: Resolved = { address: '93.184.216.34', family: 4 }
const alsoGood: Resolved = { address: '2606:4700::1111', family: 6 }
const bad: Resolved = { address: '10.0.0.1', family: 4 }
const guard = createAddressGuard([])

const asking = (resolveAll: ResolveAll) => {
  const lookup = guardedLookup(guard, resolveAll)
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

test('a name without an address is not resolved, and a failed look-up fails as it did', async t => {
  t.like(await asking(async () => [])('receiver.example'), {
    code: 'UNRESOLVED',
    message: 'receiver.example has no address',
  })
  const error = new Error('no')
  t.is(await asking(() => Promise.reject(error))('receiver.example'), error)
})
