import test from 'ava'
import { fakePorts } from '../../test/support/fake-ports.ts'
import { aSubscription } from '../../test/support/supervised-values.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { createSealer } from '../signing/sealer.ts'
import { reEncrypt } from './re-encryption.ts'

const [oldKey, newKey] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)]
const before = createSealer(oldKey)
const sealer = createSealer(newKey, [oldKey])

test('a start re-encrypts every secret of a previous key, and leaves those of the current key as they are', async t => {
  const [key, secret, previous, extras] = await Promise.all(['key', 'secret', 'previous', 'extras'].map(before.seal))
  const current = await sealer.seal('current')
  const previousSecret = (sealed = '') => ({ sealed, validUntil: 1 })
  const { ports, calls, inOrder } = fakePorts<Pick<Ledger, 'keys' | 'subscriptions'>>({
    'keys.load': async () => [
      { kid: 'old', sealedPrivateJwk: key },
      { kid: 'new', sealedPrivateJwk: current },
    ],
    'subscriptions.all': async () => [
      aSubscription({
        id: 'sub_1',
        sealedSecret: secret ?? '',
        previousSecret: previousSecret(previous),
        sealedExtras: extras ?? '',
      }),
      aSubscription({ id: 'sub_2', sealedSecret: current }),
      aSubscription({
        id: 'sub_3',
        sealedSecret: current,
        previousSecret: previousSecret(current),
        sealedExtras: current,
      }),
    ],
  })
  t.is(await inOrder(() => reEncrypt(ports, sealer)), 4)
  const written = calls.filter(([path]) => path.endsWith('reseal'))
  t.deepEqual(
    written.map(call => call.slice(0, -1)),
    [
      ['keys.reseal', 'old', key],
      ['subscriptions.reseal', 'sub_1', 'sealedSecret', secret],
      ['subscriptions.reseal', 'sub_1', 'previousSecret.sealed', previous],
      ['subscriptions.reseal', 'sub_1', 'sealedExtras', extras],
    ],
  )
  const fresh = written.map(call => String(call.at(-1)))
  t.deepEqual(await Promise.all(fresh.map(createSealer(newKey).open)), ['key', 'secret', 'previous', 'extras'])
})
