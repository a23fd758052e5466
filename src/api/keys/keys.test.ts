import test from 'ava'
import { fakeStores } from '../../../test/support/fake-stores.ts'
import { serveApi } from '../../../test/support/serve-api.ts'
import { isoAgo, shownDocuments } from '../../../test/support/shown-documents.ts'
import { ago, storedDocuments } from '../../../test/support/stored-documents.ts'
import { wholeCalls } from '../../../test/support/whole-calls.ts'
import { showKey } from './wire.ts'

const { key } = storedDocuments

test('a key shows since when it signs and since when it does not', t => {
  const shown = shownDocuments.key
  t.deepEqual<unknown, unknown>(showKey({ ...key, use: 'next' }), { ...key, ...shown, use: 'next', currentSince: null })
  t.deepEqual<unknown, unknown>(showKey({ ...key, use: 'retired', currentSince: ago(9), retiredAt: ago(8) }), {
    ...key,
    ...shown,
    use: 'retired',
    currentSince: isoAgo(9),
    retiredAt: isoAgo(8),
  })
  t.is(showKey({ ...key, currentSince: ago(9) }).currentSince, isoAgo(9))
})

test('the audit log shows which key signed before a rotation, and which one signs now', async t => {
  const call = await wholeCalls(deps => serveApi(t, deps))
  let now = 'key-1'
  const signingKeys = {
    ...fakeStores().signingKeys,
    keys: () => [
      { ...key, kid: 'key-0', use: 'retired' as const },
      { ...key, kid: now },
    ],
    rotate: async () => void (now = 'key-2'),
  }
  const { calls } = await call('rotateKeys', {}, { signingKeys })
  t.like(calls.at(-1)?.[1], { before: { current: 'key-1' }, after: { current: 'key-2' } })
})
