import test from 'ava'
import { type Collection, MongoOperationTimeoutError, MongoServerError } from 'mongodb'
import { Failure, isFailure } from '../../domain/failure.ts'
import { createWriteProbe, createWritesRequirement, pingOf, refusalOf, type UpkeepDocument } from './writes.ts'

const serverError = (code: number) => new MongoServerError({ message: 'Anna', code, codeName: 'Name' })

const probeOf = (write: () => Promise<void>) => {
  const calls: unknown[][] = []
  const updateOne = (...args: unknown[]) => (calls.push(args), write())
  let at = 0
  const probe = createWriteProbe(
    { updateOne } as unknown as Collection<UpkeepDocument>,
    () => 7,
    () => at,
  )
  return { calls, probe, later: (ms: number) => (at += ms) }
}

test('a probe writes one document, is bounded in time, and is shared for a second', async t => {
  const { calls, probe, later } = probeOf(async () => undefined)
  await Promise.all([probe(), probe()])
  await probe()
  const write = [{ _id: 'write' }, { $set: { at: 7 } }, { upsert: true, timeoutMS: 1_500 }]
  t.deepEqual(calls, [write])
  later(999)
  await probe()
  t.is(calls.length, 1)
  later(1)
  await probe()
  t.deepEqual(calls, [write, write])
})

test('a write that hangs is not begun again before it is over, and its refusal is shared too', async t => {
  const { promise, reject } = Promise.withResolvers<void>()
  const { calls, probe, later } = probeOf(() => promise)
  const first = probe()
  later(5_000)
  const second = probe()
  t.is(calls.length, 1)
  reject(serverError(13))
  await Promise.all([t.throwsAsync(first), t.throwsAsync(second)])
  later(5_000)
  await t.throwsAsync(probe())
  t.is(calls.length, 2)
})

const grant = 'db.grantRolesToUser(…)'

test('refused and late writes break a promise with its own remedy, and no event is refused for it', async t => {
  for (const [error, difference, remedy] of [
    [serverError(13), /role does not allow/, /^As an administrator of MongoDB: db\.grantRolesToUser\(…\)$/],
    [serverError(14_031), /disk is full/, /Free disk space/],
    [serverError(64), /majority/, /rs\.status\(\)/],
    [serverError(50), /not done within 1\.5 s/, /fsyncUnlock/],
    [new MongoOperationTimeoutError('x'), /not done within 1\.5 s/, /fsyncUnlock/],
    [serverError(999), /^fail \(MongoServerError 999 Name\)$/, /log of mongod/],
  ] as const) {
    const requirement = createWritesRequirement({ write: () => Promise.reject(error), read: async () => null, grant })
    const [found, ...none] = await requirement.check()
    t.deepEqual(none, [])
    t.like(found, { system: 'mongodb', outcome: 'broken', object: 'writes to MongoDB', refusesEvents: false })
    t.regex(found?.difference ?? '', difference)
    t.regex(found?.remedy ?? '', remedy)
    t.false(JSON.stringify(found).includes('Anna'))
  }
})

test('writes that succeed are as needed; a server that does not answer reads either is away', async t => {
  const good = createWritesRequirement({ write: async () => undefined, read: () => Promise.reject(new Error()), grant })
  t.deepEqual(await good.check(), [])
  const away = new Failure('ledger_unavailable', 'x')
  const gone = createWritesRequirement({ write: () => Promise.reject(away), read: () => Promise.reject(away), grant })
  t.is(await t.throwsAsync(gone.check), away)
})

test('readiness reads why no write is possible, without MongoDB’s own text', async t => {
  await t.notThrowsAsync(pingOf(async () => undefined))
  const error = await t.throwsAsync(pingOf(() => Promise.reject(serverError(13))))
  t.true(isFailure(error, 'ledger_unavailable'))
  t.is(error?.message, `Writes to MongoDB ${refusalOf(serverError(13)).difference}.`)
})
