import test from 'ava'
import { storedDocuments } from '../../../test/support/stored-documents.ts'
import { Failure } from '../../domain/failure.ts'
import type { Principal } from '../../domain/principal.ts'
import type { AccessToken } from '../../domain/tenant.ts'
import { createGuard, hashToken } from './guard.ts'
import type { Wait } from './recent.ts'
import { noteUses } from './token-uses.ts'

const away = new Failure('ledger_unavailable', 'away')
const token: AccessToken = { ...storedDocuments.token, id: 'tok_1', expiresAt: null }
const bearer = 'Bearer dbt_1'
const caller = { kind: 'token', id: 'tok_1', tenant: 'acme', scopes: token.scopes }

/** A guard with a clock and stores that the test controls. */
const start = (identify: ((text: string) => Promise<Principal>) | null = null, wait?: Wait) => {
  const world = {
    now: 1_000,
    asked: 0,
    used: [] as string[],
    answer: async (_hash: string): Promise<AccessToken | null> => token,
    tenant: async (): Promise<typeof storedDocuments.tenant | null> => storedDocuments.tenant,
  }
  const guard = createGuard({
    adminToken: 'operator',
    tokens: {
      byHash: hash => {
        world.asked += 1
        return world.answer(hash)
      },
      used: async id => void world.used.push(id),
    },
    tenants: { get: () => world.tenant() },
    identify,
    now: () => world.now,
    ...(wait && { wait }),
  })
  return { ...guard, world }
}

test('the scheme of a bearer token is in any case, and what is no bearer token is refused', async t => {
  const { identify } = start()
  for (const scheme of ['Bearer', 'bearer', 'BEARER'])
    t.deepEqual<unknown, unknown>(await identify(`${scheme} dbt_1`), caller)
  t.deepEqual<unknown, unknown>(await identify('Bearer operator'), { kind: 'operator', id: 'operator' })
  for (const wrong of ['', 'dbt_1', 'Bearer', 'Bearer ', 'Basic dbt_1', 'Bearer  dbt_1'])
    await t.throwsAsync(identify(wrong), {
      code: 'unauthenticated',
      message: 'Send the header Authorization: Bearer <token>.',
    })
})

test('a token is looked up by its SHA-256 hash, in lower-case hex', async t => {
  const { identify, world } = start()
  world.answer = async hash =>
    hash === 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad' ? token : null
  t.is(hashToken('abc').length, 64)
  t.deepEqual<unknown, unknown>(await identify('Bearer abc'), caller)
})

test('a token that was revoked at another process is refused within five seconds, also when NATS reports nothing', async t => {
  const { identify, world } = start()
  await identify(bearer)
  world.answer = async () => ({ ...token, revokedAt: 1_000 })
  world.now = 6_000
  await identify(bearer)
  world.now = 6_001
  await t.throwsAsync(identify(bearer), { code: 'unauthenticated' })
})

test('a token that this process hears was revoked is refused at once', async t => {
  const { identify, forget, world } = start()
  await identify(bearer)
  world.answer = async () => ({ ...token, revokedAt: 1_000 })
  forget('tok_2')
  await identify(bearer)
  forget('tok_1')
  await t.throwsAsync(identify(bearer), { code: 'unauthenticated' })
})

test('while MongoDB is away, known tokens and tenants count for ten minutes, so that visitors are checked in; unknown ones get 503', async t => {
  const { identify, admit, world } = start()
  const mine = await identify(bearer)
  await admit(mine, 'acme', 'events:write')
  world.answer = () => Promise.reject(away)
  world.tenant = () => Promise.reject(away)
  world.now = 1_000 + 10 * 60_000
  t.deepEqual<unknown, unknown>(await identify(bearer), caller)
  await t.notThrowsAsync(admit(mine, 'acme', 'events:write'))
  await t.throwsAsync(identify('Bearer dbt_2'), { code: 'ledger_unavailable' })
  world.now += 1
  await t.throwsAsync(identify(bearer), { code: 'ledger_unavailable' })
  await t.throwsAsync(admit(mine, 'acme', 'events:write'), { code: 'ledger_unavailable' })
})

test('another failure of the look-up is not covered by what was known', async t => {
  const { identify, world } = start()
  await identify(bearer)
  world.now = 10_000
  world.answer = () => Promise.reject(new Error('broken'))
  await t.throwsAsync(identify(bearer), { message: 'broken' })
})

test('a look-up that hangs delays a known caller by a quarter of a second', async t => {
  const waits: number[] = []
  const { identify, world } = start(null, async (ms, value) => (waits.push(ms), value))
  await identify(bearer)
  world.now = 10_000
  world.answer = () => new Promise(() => undefined)
  t.deepEqual<unknown, unknown>(await identify(bearer), caller)
  t.deepEqual(waits, [250])
})

test('ten thousand tokens are remembered, and no more', async t => {
  const { identify, world } = start()
  world.answer = async hash => ({ ...token, id: hash })
  const present = async (count: number) => {
    for (let index = 0; index < count; index += 1) await identify(`Bearer ${index}`)
    return world.asked
  }
  t.is(await present(10_000), 10_000)
  t.is(await present(10_000), 10_000)
  await identify('Bearer more')
  await identify('Bearer 0')
  t.is(world.asked, 10_002)
})

test('only a token of three parts is given to the identity provider; without one it is a token like any other', async t => {
  const seen: string[] = []
  const user = { kind: 'user', id: 'user-1', tenant: 'acme', scopes: [] } as const
  const { identify, world } = start(async text => (seen.push(text), user))
  for (const text of ['a.b.c', 'a-_9.b.', 'a..c', 'a.b', 'a.b.c.d', 'operator']) await identify(`Bearer ${text}`)
  t.deepEqual(seen, ['a.b.c', 'a-_9.b.'])
  t.is(world.asked, 3)
  t.deepEqual<unknown, unknown>(await start().identify('Bearer a.b.c'), caller)
})

test('a token is valid until the moment when it expires', async t => {
  const { identify, world } = start()
  world.answer = async () => ({ ...token, expiresAt: 1_001 })
  await identify(bearer)
  world.now = 1_001
  await t.throwsAsync(identify(bearer), { code: 'token_expired' })
  t.deepEqual(world.used, ['tok_1'])
})

test('a tenant that is created is known at once', async t => {
  const { admit, world } = start()
  const operator = { kind: 'operator', id: 'operator' } as const
  world.tenant = async () => null
  await t.throwsAsync(admit(operator, 'acme', 'events:write'), { code: 'unknown_tenant' })
  world.tenant = async () => storedDocuments.tenant
  await t.notThrowsAsync(admit(operator, 'acme', 'events:write'))
})

test('the use of a token is noted once a minute, and a note that fails disturbs nobody', t => {
  const noted: unknown[] = []
  let now = 1_000
  const note = noteUses(
    async (id, at) => {
      noted.push([id, at])
      throw new Error('away')
    },
    () => now,
  )
  note('a')
  note('b')
  now = 61_000
  note('a')
  now = 61_001
  note('a')
  t.deepEqual(noted, [
    ['a', 1_000],
    ['b', 1_000],
    ['a', 61_001],
  ])
})
