import test from 'ava'
import type { Subscription } from '../domain/subscription.ts'
import { createExtraHeaders } from './extra-headers.ts'

test('a subscription’s own headers and auth are decrypted once, and one without them has none', async t => {
  const opened: string[] = []
  const headersOf = createExtraHeaders(async sealed => {
    opened.push(sealed)
    return sealed
  })
  const sealedExtras = JSON.stringify({ headers: { 'x-api-key': 'k' }, auth: { type: 'bearer', token: 't' } })
  const subscription = { sealedExtras } as Subscription
  for (let times = 0; times < 2; times += 1)
    t.deepEqual(await headersOf(subscription), { 'x-api-key': 'k', authorization: 'Bearer t' })
  t.deepEqual(await headersOf({} as Subscription), {})
  t.deepEqual(opened, [sealedExtras])
})
