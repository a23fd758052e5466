import { createHash } from 'node:crypto'
import test from 'ava'
import { CompactEncrypt, compactDecrypt, decodeProtectedHeader } from 'jose'
import { CannotOpen, createSealer } from './sealer.ts'

const key = (fill: number) => new Uint8Array(32).fill(fill)
const kidOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('base64url').slice(0, 8)
const text = 'whsec_é'

test('a sealed text is a JWE that names its key, and each seal of a text differs', async t => {
  const sealed = await createSealer(key(0)).seal(text)
  t.deepEqual(decodeProtectedHeader(sealed), { alg: 'dir', enc: 'A256GCM', kid: kidOf(key(0)) })
  t.is(new TextDecoder().decode((await compactDecrypt(sealed, key(0))).plaintext), text)
  t.not(await createSealer(key(0)).seal(text), sealed)
})

test('a sealed text opens with its key, current or previous, and only texts of the current key are not old', async t => {
  const [old, current] = [createSealer(key(1)), createSealer(key(2), [key(1), key(3)])]
  const [earlier, fresh] = [await old.seal(text), await current.seal(text)]
  t.is(await old.open(earlier), text)
  t.is(await current.open(earlier), text)
  t.is(await current.open(fresh), text)
  t.deepEqual([current.isOld(earlier), current.isOld(fresh), old.isOld(earlier)], [true, false, false])
})

test('a text of an unknown key names the setting and the keys by a part of their hash, never the keys themselves', async t => {
  const sealed = await createSealer(key(1)).seal(text)
  const error = await t.throwsAsync(createSealer(key(2), [key(3)]).open(sealed), {
    instanceOf: CannotOpen,
    message: /DOORBELL_ENCRYPTION_KEY .*DOORBELL_ENCRYPTION_KEY_PREVIOUS/,
  })
  const message = error?.message ?? ''
  t.true(message.includes(`the key ${kidOf(key(1))}, and this process has ${kidOf(key(3))}, ${kidOf(key(2))}`), message)
  for (const fill of [1, 2, 3]) t.false(message.includes(Buffer.from(key(fill)).toString('base64')))
})

test('an altered text, and one that claims another algorithm, is refused', async t => {
  const sealer = createSealer(key(1))
  const kid = kidOf(key(1))
  const made = (header: { alg: string; enc: string; kid?: string }) =>
    new CompactEncrypt(new TextEncoder().encode(text)).setProtectedHeader(header).encrypt(key(1))
  const parts = (await sealer.seal(text)).split('.')
  const altered = [...parts.slice(0, 3), Buffer.from('other').toString('base64url'), parts[4]].join('.')
  for (const sealed of [
    altered,
    await made({ alg: 'A256KW', enc: 'A256GCM', kid }),
    await made({ alg: 'dir', enc: 'A128CBC-HS256', kid }),
    (await createSealer(key(2)).seal(text)).replace(/^[^.]+/, parts[0] ?? ''),
  ]) {
    const error = await t.throwsAsync(sealer.open(sealed), { instanceOf: CannotOpen, message: /it was altered/ })
    t.truthy(error?.cause)
  }
  await t.throwsAsync(sealer.open(await made({ alg: 'dir', enc: 'A256GCM' })), { message: /with the key none/ })
})
