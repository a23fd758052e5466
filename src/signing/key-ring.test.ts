import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import test from 'ava'
import { calculateJwkThumbprint, createLocalJWKSet, flattenedVerify, type JSONWebKeySet, type JWK } from 'jose'
import { Failure } from '../domain/failure.ts'
import type { SigningAlgorithm, StoredKey } from '../domain/signing-key.ts'
import { type Claims, createKeyRing, jwsType, type KeyStore } from './key-ring.ts'
import { CannotOpen, createSealer, type Sealer } from './sealer.ts'

const minute = 60_000
const day = 24 * 60 * minute
const start = Date.parse('2026-03-02T09:00:00Z')
const issuer = 'https://doorbell.example'
const claims: Claims = {
  eventId: 'evt_1',
  subscriptionId: 'sub_1',
  attempt: 3,
  body: '{"name":"Zoë"}',
  at: start + 999,
}

/** A store that all rings of a test share, and a clock. */
const setUp = (initial: readonly StoredKey[] = []) => {
  let keys = [...initial]
  let time = start
  let loads = 0
  let opened: string[] = []
  const rotations: Parameters<KeyStore['rotate']>[] = []
  const forgotten: number[] = []
  const store: KeyStore = {
    load: async () => {
      loads += 1
      await turn()
      return [...keys]
    },
    insertFirst: async key => {
      await turn()
      if (!keys.some(({ use }) => use === key.use)) keys.push(key)
      return [...keys]
    },
    rotate: async (current, next, fresh, now) => {
      await turn()
      rotations.push([current, next, fresh, now])
      if (!keys.some(({ kid, use }) => kid === current && use === 'current')) return false
      keys = keys.map(key =>
        key.kid === current
          ? { ...key, use: 'retired', retiredAt: now }
          : key.kid === next
            ? { ...key, use: 'current', currentSince: now }
            : key,
      )
      keys.push(fresh)
      return true
    },
    forgetRetired: async before => {
      await turn()
      forgotten.push(before)
      const kept = keys.filter(({ retiredAt }) => retiredAt === undefined || retiredAt >= before)
      const count = keys.length - kept.length
      keys = kept
      return count
    },
  }
  const real = createSealer(new Uint8Array(32))
  const sealer: Sealer = {
    ...real,
    open: async sealed => {
      opened.push(sealed)
      return real.open(sealed)
    },
  }
  return {
    store,
    sealer,
    real,
    rotations,
    forgotten,
    ring: (alg?: SigningAlgorithm, own: Sealer = sealer) =>
      createKeyRing({ store, sealer: own, issuer, now: () => time, ...(alg === undefined ? {} : { alg }) }),
    pass: (ms: number) => void (time += ms),
    keys: () => keys,
    change: (next: readonly StoredKey[]) => void (keys = [...next]),
    loads: () => loads,
    opened: () => opened,
    forgetOpened: () => void (opened = []),
  }
}
type Ring = Awaited<ReturnType<ReturnType<typeof setUp>['ring']>>

/** Verifies a detached signature with jose and the published key set. Returns its protected header. */
const verified = async (ring: Ring, jws: string, body = claims.body) => {
  const [protectedHeader = '', nothing, signature = ''] = jws.split('.')
  if (nothing !== '') throw new Error('it is not detached')
  const keySet = createLocalJWKSet(ring.jwks() as JSONWebKeySet)
  const payload = Buffer.from(body).toString('base64url')
  await flattenedVerify({ protected: protectedHeader, payload, signature }, keySet, {
    algorithms: ['ES256', 'Ed25519'],
  })
  return JSON.parse(Buffer.from(protectedHeader, 'base64url').toString()) as Record<string, unknown>
}
const kidOf = async (ring: Ring) => (await verified(ring, await ring.sign(claims)))['kid']
const usesOf = (ring: Ring) =>
  ring
    .keys()
    .map(({ use }) => use)
    .toSorted()

for (const alg of ['ES256', 'Ed25519'] as const)
  test(`a signature of ${alg} verifies with the published key set, for its body only, and says what it is about`, async t => {
    const { ring: open } = setUp()
    const ring = await open(alg)
    const jws = await ring.sign(claims)
    t.deepEqual(Object.entries(await verified(ring, jws)), [
      ['alg', alg],
      ['kid', ring.keys().find(({ use }) => use === 'current')?.kid ?? ''],
      ['typ', 'webhook+jws'],
      ['iss', issuer],
      ['aud', 'sub_1'],
      ['iat', start / 1_000],
      ['eid', 'evt_1'],
      ['att', 3],
    ])
    t.is(jwsType, 'webhook+jws')
    await t.throwsAsync(verified(ring, jws, `${claims.body} `))
    for (const kind of ['replay', 'test', 'verification'] as const)
      t.is((await verified(ring, await ring.sign({ ...claims, kind })))[kind], true)
  })

test('new keys are ES256 unless another algorithm is set', async t => {
  const ring = await setUp().ring()
  t.deepEqual(
    ring.keys().map(({ alg }) => alg),
    ['ES256', 'ES256'],
  )
})

test('the signatures are those of the shared vectors', async t => {
  const file = join(import.meta.dirname, '../../examples/receivers/vectors.json')
  const shared = JSON.parse(await readFile(file, 'utf8')) as {
    issuer: string
    subscriptionId: string
    jwks: { keys: (JWK & { alg: SigningAlgorithm; kid: string })[] }
    vectors: { name: string; now: number; headers: Record<string, string>; body: string }[]
  }
  // The private key of make-vectors.ts. An Ed25519 signature contains no random number, so it is the same each time.
  const privateJwk = {
    kty: 'OKP',
    crv: 'Ed25519',
    x: 'Z6LgJVdnrc4ZZrav-mIuoUTrc8oScIXnzIVJ46i3FM0',
    d: 'CVAHa72qZv2Jo146n6D_QhxqS9ySd4zwbePJOLdZPP8',
  }
  const sealer = createSealer(new Uint8Array(32))
  const { kid, alg, ...publicJwk } = shared.jwks.keys[1] ?? t.fail()
  const stored: StoredKey = {
    kid,
    alg,
    use: 'current',
    publicJwk,
    sealedPrivateJwk: await sealer.seal(JSON.stringify(privateJwk)),
    createdAt: start,
  }
  const { store } = setUp([stored])
  const ring = await createKeyRing({ store, sealer, issuer: shared.issuer, now: () => start })
  const { now, headers, body } = shared.vectors.find(({ name }) => name === 'Ed25519') ?? t.fail()
  const subject = { eventId: headers['webhook-id'] ?? '', subscriptionId: shared.subscriptionId, body }
  t.is(await ring.sign({ ...subject, attempt: 1, at: now * 1_000 }), headers['webhook-jws'] ?? '')
  t.deepEqual(
    ring.jwks().keys.find(key => key.kid === kid),
    shared.jwks.keys[1],
  )
})

test('the key set has the public part of each key, and nothing else', async t => {
  const { ring: open, pass } = setUp()
  const ring = await open('ES256')
  pass(15 * minute)
  await ring.rotate()
  const { keys } = ring.jwks()
  t.is(keys.length, 3)
  for (const key of keys) {
    t.deepEqual(Object.keys(key).toSorted(), ['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'])
    t.like(key, { alg: 'ES256', crv: 'P-256', kty: 'EC', use: 'sig', kid: await calculateJwkThumbprint(key) })
  }
  t.deepEqual(
    ring.keys().map(({ kid }) => kid),
    keys.map(({ kid }) => kid ?? ''),
  )
  t.deepEqual(
    ring.keys().map(key => [key.use, Object.keys(key).toSorted().join()]),
    [
      ['retired', 'alg,createdAt,kid,publicJwk,retiredAt,use'],
      ['current', 'alg,createdAt,currentSince,kid,publicJwk,use'],
      ['next', 'alg,createdAt,kid,publicJwk,use'],
    ],
  )
})

test('private keys are stored encrypted', async t => {
  const { ring, keys, real } = setUp()
  await ring()
  for (const { sealedPrivateJwk, publicJwk, createdAt } of keys()) {
    const { d, ...rest } = JSON.parse(await real.open(sealedPrivateJwk)) as JWK
    t.is(typeof d, 'string')
    t.deepEqual<object, object>(rest, publicJwk)
    t.false(JSON.stringify(publicJwk).includes(String(d)))
    t.is(createdAt, start)
  }
})

test('a first start creates a current key and a next one; a later one, and another process, take what is there', async t => {
  const { ring, keys } = setUp()
  const first = await ring()
  t.deepEqual(usesOf(first), ['current', 'next'])
  const [second, third] = await Promise.all([ring(), ring()])
  for (const other of [second, third]) t.deepEqual(other.keys(), first.keys())
  t.is(keys().length, 2)
  t.is(await kidOf(second), await kidOf(first))
  t.is(first.currentSince(), start)

  const [current] = keys()
  const incomplete = setUp(current === undefined ? [] : [current])
  t.deepEqual(usesOf(await incomplete.ring()), ['current', 'next'])
  t.is(incomplete.keys()[0]?.kid, current?.kid)
})

test('of two first starts at the same time one creates the keys, and both sign with them', async t => {
  const { ring, keys, store } = setUp()
  const gate = Promise.withResolvers<void>()
  const insertFirst = store.insertFirst
  store.insertFirst = async key => {
    await gate.promise
    return insertFirst(key)
  }
  const both = Promise.all([ring(), ring()])
  gate.resolve()
  const [one, other] = await both
  t.is(keys().length, 2)
  t.is(await kidOf(one), await kidOf(other))
})

test('the next key signs at the earliest 15 minutes after its publication, unless it is forced', async t => {
  const { ring: open, pass, rotations } = setUp()
  const ring = await open('Ed25519')
  const [current, next] = ring.keys().map(({ kid }) => kid)
  pass(15 * minute - 1)
  const error = await t.throwsAsync<Failure>(ring.rotate(), { instanceOf: Failure, code: 'conflict' })
  t.regex(error?.message ?? '', /before 2026-03-02T09:15:00\.000Z/)
  t.is(await kidOf(ring), current)
  t.deepEqual(rotations, [])
  pass(1)
  await ring.rotate()
  t.is(await kidOf(ring), next)
  t.is(ring.currentSince(), start + 15 * minute)
  t.deepEqual(usesOf(ring), ['current', 'next', 'retired'])
  const [[was, will, fresh, at] = []] = rotations
  t.deepEqual([was, will, at], [current, next, start + 15 * minute])
  t.like(fresh, { use: 'next', alg: 'Ed25519', createdAt: start + 15 * minute })

  await t.throwsAsync(ring.rotate(false), { code: 'conflict' })
  await ring.rotate(true)
  t.is(await kidOf(ring), fresh?.kid)
})

test('a process signs with the new key as soon as it learns of it, and earlier signatures verify on', async t => {
  const { ring: open, pass, opened, forgetOpened } = setUp()
  const [one, other, third] = [await open(), await open(), await open()]
  const before = await other.sign(claims)
  pass(15 * minute)
  await one.rotate()
  t.not(await kidOf(other), await kidOf(one))
  forgetOpened()
  await other.refresh()
  t.is(opened().length, 1)
  await other.refresh()
  t.is(opened().length, 1, 'the key that it has is not decrypted again')
  t.is(await kidOf(other), await kidOf(one))
  await t.notThrowsAsync(verified(other, before))
  // A rotation begins with what other processes did.
  await t.throwsAsync(third.rotate(), { code: 'conflict' })
  t.is(await kidOf(third), await kidOf(one))
})

test('while a rotated key is decrypted, the key set still has the key that signs', async t => {
  const { ring: open, pass, real } = setUp()
  const gate = Promise.withResolvers<void>()
  let isGated = false
  const slow: Sealer = {
    ...real,
    open: async sealed => {
      if (isGated) await gate.promise
      return real.open(sealed)
    },
  }
  const ring = await open('ES256', slow)
  const old = await kidOf(ring)
  pass(15 * minute)
  isGated = true
  const rotating = ring.rotate()
  for (let turns = 0; turns < 50; turns += 1) {
    await turn()
    t.is(await kidOf(ring), old)
  }
  t.deepEqual(usesOf(ring), ['current', 'next'])
  gate.resolve()
  await rotating
  t.not(await kidOf(ring), old)
})

test('a key that retired a week ago is forgotten, and the keys are read again only then', async t => {
  const { ring: open, pass, forgotten, loads } = setUp()
  const ring = await open()
  await ring.rotate(true)
  pass(7 * day)
  const before = loads()
  t.is(await ring.forgetRetired(), 0)
  t.deepEqual([usesOf(ring), loads()], [['current', 'next', 'retired'], before])
  pass(1)
  t.is(await ring.forgetRetired(), 1)
  t.deepEqual(usesOf(ring), ['current', 'next'])
  t.deepEqual(forgotten, [start, start + 1])
})

test('a key that this process cannot decrypt fails the start if it signs or will sign, and does no harm if it is retired', async t => {
  const made = setUp()
  const ring = await made.ring()
  await ring.rotate(true)
  const foreign = await createSealer(new Uint8Array(32).fill(1)).seal('{}')
  for (const use of ['current', 'next', 'retired'] as const) {
    const keys = made.keys().map(key => (key.use === use ? { ...key, sealedPrivateJwk: foreign } : key))
    if (use === 'retired') await t.notThrowsAsync(setUp(keys).ring())
    else await t.throwsAsync(setUp(keys).ring(), { instanceOf: CannotOpen }, use)
  }
})

test('a store without a current or a next key is reported', async t => {
  const { ring: open, change, keys } = setUp()
  const ring = await open()
  const [current, next] = keys()
  change(current === undefined ? [] : [current])
  await t.throwsAsync(ring.rotate(true), { message: /no next signing key/ })
  change(next === undefined ? [] : [next])
  await t.throwsAsync(ring.refresh(), { message: /no current signing key/ })
})
