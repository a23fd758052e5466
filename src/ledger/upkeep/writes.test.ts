import { setImmediate } from 'node:timers/promises'
import test from 'ava'
import { type Collection, MongoNetworkError, MongoServerError } from 'mongodb'
import { isFailure } from '../../domain/failure.ts'
import {
  createWriteProbe,
  createWritesRequirement,
  LateWrite,
  pingOf,
  type ProbePorts,
  refusalOf,
  type UpkeepDocument,
} from './writes.ts'

const serverError = (code: number) => new MongoServerError({ message: 'Anna', code, codeName: 'Name' })

/** A probe on a clock that the test moves, and the calls that reach the collection. */
const probeOf = (write: () => Promise<void>) => {
  const calls: unknown[][] = []
  const updateOne = (...args: unknown[]) => (calls.push(args), write())
  let at = 0
  const waits = new Map<() => void, number>()
  const ports: ProbePorts = {
    now: () => 7,
    clock: () => at,
    wait: ms => new Promise<void>(resolve => void waits.set(resolve, at + ms)),
  }
  const { write: probe, changes$ } = createWriteProbe({ updateOne } as unknown as Collection<UpkeepDocument>, ports)
  const changes: boolean[] = []
  changes$.subscribe(succeeds => void changes.push(succeeds))
  const later = async (ms: number) => {
    at += ms
    for (const [resolve, until] of waits) if (until <= at) resolve()
    await setImmediate()
  }
  return { calls, probe, changes, later }
}

test('a probe writes one document, is bounded in time, and is shared for a second', async t => {
  const { calls, probe, later } = probeOf(async () => undefined)
  await Promise.all([probe(), probe()])
  await probe()
  const write = [{ _id: 'write' }, { $set: { at: 7 } }, { upsert: true, maxTimeMS: 5_000 }]
  t.deepEqual(calls, [write])
  await later(999)
  await probe()
  t.is(calls.length, 1)
  await later(1)
  await probe()
  t.deepEqual(calls, [write, write])
})

test('a write that hangs is late for each caller, and no second one is sent before it is answered or lost', async t => {
  const { promise, reject } = Promise.withResolvers<void>()
  const { calls, probe, changes, later } = probeOf(() => promise)
  const first = probe()
  await later(4_999)
  t.deepEqual(changes, [])
  await later(1)
  await t.throwsAsync(first, { instanceOf: LateWrite })
  await later(9_999)
  await t.throwsAsync(probe(), { instanceOf: LateWrite })
  t.is(calls.length, 1)
  await later(1)
  const second = probe()
  t.is(calls.length, 2, 'the first one is lost')
  reject(serverError(13))
  await t.throwsAsync(second, { instanceOf: MongoServerError })
  await later(1_000)
  await t.throwsAsync(probe(), { instanceOf: MongoServerError })
  t.is(calls.length, 3)
  t.deepEqual(changes, [false])
})

test('writes that begin to fail, and that succeed again, are reported once', async t => {
  let fault: Error | null = null
  const { probe, changes, later } = probeOf(async () => {
    if (fault !== null) throw fault
  })
  const probed = async (next: Error | null) => {
    fault = next
    await later(2_000)
    await probe().catch(() => undefined)
    return [...changes]
  }
  t.deepEqual(await probed(null), [])
  t.deepEqual(await probed(serverError(13)), [false])
  t.deepEqual(await probed(serverError(50)), [false])
  t.deepEqual(await probed(null), [false, true])
})

const grant = 'db.grantRolesToUser(…)'

test('refused and late writes break a promise with its own remedy, and no event is refused for it', async t => {
  for (const [error, difference, remedy] of [
    [serverError(13), /role does not allow/, /^As an administrator of MongoDB: db\.grantRolesToUser\(…\)$/],
    [serverError(14_031), /disk is full/, /Free disk space/],
    [serverError(64), /majority/, /rs\.status\(\)/],
    [serverError(50), /not done within 5 s/, /fsyncUnlock/],
    [new LateWrite(), /not done within 5 s/, /fsyncUnlock/],
    [serverError(999), /^fail \(MongoServerError 999 Name\)$/, /log of mongod/],
  ] as const) {
    const requirement = createWritesRequirement({ write: () => Promise.reject(error), grant })
    const [found, ...none] = await requirement.check()
    t.deepEqual(none, [])
    t.like(found, { system: 'mongodb', outcome: 'broken', object: 'writes to MongoDB', refusesEvents: false })
    t.regex(found?.difference ?? '', difference)
    t.regex(found?.remedy ?? '', remedy)
    t.false(JSON.stringify(found).includes('Anna'))
  }
})

test('writes that succeed are as needed; a server that cannot be reached is away', async t => {
  const good = createWritesRequirement({ write: async () => undefined, grant })
  t.deepEqual(await good.check(), [])
  let writes = 0
  const lost = createWritesRequirement({
    write: () => ((writes += 1), Promise.reject(new MongoNetworkError('x'))),
    grant,
  })
  t.true(isFailure(await t.throwsAsync(lost.check), 'ledger_unavailable'))
  t.is(writes, 1)
})

test('readiness reads why no write is possible, without MongoDB’s own text', async t => {
  await t.notThrowsAsync(pingOf(async () => undefined))
  const error = await t.throwsAsync(pingOf(() => Promise.reject(serverError(13))))
  t.true(isFailure(error, 'ledger_unavailable'))
  t.is(error?.message, `Writes to MongoDB ${refusalOf(serverError(13)).difference}.`)
})
