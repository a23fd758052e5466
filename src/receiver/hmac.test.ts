import test from 'ava'
import { event, hmacOf, secret, startMs } from '../../test/support/signed-webhook.ts'
import { hmacKey, verifyHmac } from './hmac.ts'

const at = startMs / 1_000
const text = JSON.stringify(event)
const other = 'whsec_g8qGHagKVg90poNW0DVlTVVCDIkKhHEEiSeEuALWQUA='
const request = { id: 'evt_1', timestamp: String(at), signature: hmacOf(at, text), body: Buffer.from(text) }
const codeOf = (change: Partial<typeof request> = {}, options = {}, key = secret): string => {
  try {
    verifyHmac(key, { ...request, ...change }, { nowS: at, ...options })
    return 'accepted'
  } catch (error) {
    return (error as { code?: string }).code ?? (error as Error).name
  }
}

test('a request is accepted exactly if its id, its time and its body were signed with the secret', t => {
  t.is(codeOf(), 'accepted')
  t.is(codeOf({ id: 'evt_2' }), 'wrong_signature')
  t.is(codeOf({ timestamp: String(at + 1) }), 'wrong_signature')
  t.is(codeOf({ body: Buffer.from(`${text} `) }), 'wrong_signature')
  t.is(codeOf({}, {}, other), 'wrong_signature')
  t.is(codeOf({ signature: '' }), 'wrong_signature')
  t.is(codeOf({ signature: 'v1,AAAA' }), 'wrong_signature')
  t.is(codeOf({ signature: request.signature.replace('v1,', 'v1a,') }), 'wrong_signature')
})

test('one signature of the list is enough, so both secrets verify during a rotation', t => {
  const both = `${hmacOf(at, text, other)} ${request.signature} v9,AAAA`
  for (const key of [secret, other]) t.is(codeOf({ signature: both }, {}, key), 'accepted')
})

test('a request is accepted within the tolerance of now, 5 minutes by default, on both sides', t => {
  for (const [nowS, options, code] of [
    [at + 300, {}, 'accepted'],
    [at + 300.001, {}, 'too_old'],
    [at - 300, {}, 'accepted'],
    [at - 301, {}, 'too_old'],
    [at + 10, { toleranceS: 10 }, 'accepted'],
    [at + 11, { toleranceS: 10 }, 'too_old'],
  ] as const)
    t.is(codeOf({}, { nowS, ...options }), code, `${nowS - at}`)
  const now = Math.floor(Date.now() / 1_000)
  t.notThrows(() => verifyHmac(secret, { ...request, timestamp: String(now), signature: hmacOf(now, text) }))
  t.throws(() => verifyHmac(secret, request), { message: 'webhook-timestamp is more than 300 s from now' })
})

test('a timestamp is a whole number of seconds', t => {
  for (const timestamp of ['now', `${at}.5`, 'NaN']) t.is(codeOf({ timestamp }), 'malformed_signature', timestamp)
})

test('a secret has at least 24 bytes: with an empty one, anyone could sign', t => {
  const bytes = (length: number) => Buffer.alloc(length, 7).toString('base64')
  for (const key of ['', 'whsec_', `whsec_${bytes(23)}`]) {
    t.throws(() => hmacKey(key), { instanceOf: RangeError, message: /empty or too short/ })
    t.is(codeOf({}, {}, key), 'RangeError')
  }
  t.deepEqual(hmacKey(`whsec_${bytes(24)}`), Buffer.alloc(24, 7))
  t.deepEqual(hmacKey(bytes(24)), Buffer.alloc(24, 7))
})
