import test from 'ava'
import { mask } from '../../domain/credentials.ts'
import { unmasked } from './extras.ts'
import { mergePatch } from './merge-patch.ts'

const before = {
  headers: { 'x-key': 'old', 'x-two': '2' },
  auth: { type: 'basic', username: 'u', password: 'p' },
} as const
const patched = (patch: object) => mergePatch(before, unmasked(patch, before))

test('a patch removes or replaces a header by its name in any case', t => {
  t.deepEqual(patched({ headers: { 'X-Two': null } }), { ...before, headers: { 'x-key': 'old' } })
  t.deepEqual(patched({ headers: { 'X-Key': 'new' } }), { ...before, headers: { 'x-key': 'new', 'x-two': '2' } })
  t.deepEqual(patched({ headers: { 'X-Key': mask } }), before)
})

test('a mask keeps what is stored, and is never stored as a value', t => {
  t.deepEqual(patched({ auth: { type: 'basic', username: 'v', password: mask } }), {
    ...before,
    auth: { ...before.auth, username: 'v' },
  })
  t.throws(() => patched({ auth: { type: 'bearer', token: mask } }), { message: /\/auth\/token is masked/ })
  t.throws(() => patched({ headers: { 'x-new': mask } }), { message: /\/headers\/x-new is masked/ })
})
