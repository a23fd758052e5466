import test from 'ava'
import { extraHeaders, shownExtras } from './credentials.ts'

test('a request has the customer’s headers, and the Authorization of its auth instead of a header of that name', t => {
  t.deepEqual(extraHeaders({}), {})
  t.deepEqual(extraHeaders({ headers: { 'x-a': 'b' } }), { 'x-a': 'b' })
  t.deepEqual(extraHeaders({ headers: { 'x-a': 'b' }, auth: { type: 'bearer', token: 'tok' } }), {
    'x-a': 'b',
    authorization: 'Bearer tok',
  })
  t.deepEqual(extraHeaders({ headers: { authorization: 'old' }, auth: { type: 'bearer', token: 'tok' } }), {
    authorization: 'Bearer tok',
  })
  // The example of RFC 7617 §2.
  t.deepEqual(extraHeaders({ auth: { type: 'basic', username: 'Aladdin', password: 'open sesame' } }), {
    authorization: 'Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==',
  })
})

test('what is shown of headers and auth has their names and no value', t => {
  t.deepEqual(shownExtras({}), {})
  t.deepEqual(shownExtras({ headers: { 'x-a': 'secret', 'x-b': 'secret' } }), {
    headers: { 'x-a': '***', 'x-b': '***' },
  })
  t.deepEqual(shownExtras({ auth: { type: 'bearer', token: 'secret' } }), { auth: { type: 'bearer', token: '***' } })
  t.deepEqual(shownExtras({ headers: {}, auth: { type: 'basic', username: 'doorbell', password: 'secret' } }), {
    headers: {},
    auth: { type: 'basic', username: 'doorbell', password: '***' },
  })
})
