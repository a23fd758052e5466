import test from 'ava'
import { createSealer } from './sealer.ts'

test('a sealed secret opens with its key only', async t => {
  const sealed = await createSealer(new Uint8Array(32)).seal('secret')
  t.is(await createSealer(new Uint8Array(32)).open(sealed), 'secret')
  await t.throwsAsync(createSealer(new Uint8Array(32).fill(1)).open(sealed), { message: /DOORBELL_ENCRYPTION_KEY/ })
})
