import { setImmediate as turn } from 'node:timers/promises'
import test from 'ava'
import fc from 'fast-check'
import { publication } from '../../test/support/test-stream.ts'
import { Failure } from '../domain/failure.ts'
import { createGroupCommit } from './group-commit.ts'
import type { Outgoing, Published } from './publication.ts'

interface Call {
  readonly subjects: readonly string[]
  readonly ids: readonly string[]
  readonly accept: () => void
  readonly refuse: () => void
  readonly fail: (error: Error) => void
}

/** A server that answers when the test wants it to. It numbers what it accepts, and finds duplicates. */
const fakeServer = (groupCommit = true) => {
  const open: Call[] = []
  const stored = new Map<string, number>()
  let calls = 0
  let last = 0
  let closed = false
  const store = (id: string): Published => {
    const known = stored.get(id)
    if (known !== undefined) return { sequence: known, duplicate: true }
    stored.set(id, (last += 1))
    return { sequence: last, duplicate: false }
  }
  const ask = <T>(outgoing: readonly Outgoing[], answer: () => T, refusal: T): Promise<T> =>
    new Promise((resolve, reject) => {
      calls += 1
      const ids = outgoing.map(({ id }) => id)
      const end = (work: () => void) => () => {
        open.splice(open.indexOf(call), 1)
        work()
      }
      const call: Call = {
        ids,
        subjects: outgoing.map(({ subject }) => subject),
        accept: end(() => resolve(ids.every(id => !stored.has(id)) || ids.length === 1 ? answer() : refusal)),
        refuse: end(() => resolve(refusal)),
        fail: error => end(() => reject(error))(),
      }
      open.push(call)
    })
  const { publish } = createGroupCommit(
    {
      names: { stream: 'VISITS', root: 'visits' },
      isClosed: () => closed,
      publishSingle: each => ask([each], () => store(each.id), { sequence: 0, duplicate: true }),
      publishBatch: all => ask(all, () => all.map(({ id }) => store(id).sequence).at(-1) ?? null, null),
    },
    groupCommit,
  )
  return {
    publish: (id: string, tenant?: string) => publish(publication(id, tenant)),
    open,
    sizes: () => open.map(({ ids }) => ids.length),
    calls: () => calls,
    close: () => void (closed = true),
  }
}
const numbered = (count: number, prefix = 'e') => Array.from({ length: count }, (_, index) => `${prefix}${index}`)

test('a lone event leaves at once as a message of its own, with its subject and the id that finds duplicates', async t => {
  const { publish, open, calls } = fakeServer()
  const published = publish('a')
  t.is(calls(), 0, 'the events of one turn leave together')
  await turn()
  t.like(open[0], { subjects: ['visits.in.acme.visit.created'], ids: ['acme:a'] })
  open[0]?.accept()
  t.deepEqual(await published, { sequence: 1, duplicate: false })
  const later = publish('b')
  await turn()
  open[0]?.accept()
  t.is((await later).sequence, 2)
})

test('events of one turn share batches of at most 256, two at a time; the rest follows when one is answered', async t => {
  const { publish, open, sizes } = fakeServer()
  const published = numbered(600).map(id => publish(id))
  await turn()
  t.deepEqual(sizes(), [256, 256])
  const waiting = publish('late')
  await turn()
  t.deepEqual(sizes(), [256, 256])
  open[0]?.accept()
  await published[0]
  await turn()
  t.deepEqual(sizes(), [256, 89])
  open[0]?.accept()
  open[0]?.accept()
  const sequences = (await Promise.all(published)).map(({ sequence }) => sequence)
  t.deepEqual(
    sequences,
    numbered(600).map((_, index) => index + 1),
  )
  t.deepEqual(await waiting, { sequence: 601, duplicate: false })
})

test('an id twice leaves in two batches, of which the second is a duplicate; two tenants may use the same id', async t => {
  const { publish, open } = fakeServer()
  const published = [publish('a'), publish('b'), publish('a'), publish('a', 'other'), publish('c')]
  await turn()
  t.deepEqual(
    open.map(({ ids }) => ids),
    [['acme:a', 'acme:b', 'other:a', 'acme:c'], ['acme:a']],
  )
  open[0]?.accept()
  open[0]?.accept()
  const duplicates = (await Promise.all(published)).map(({ duplicate }) => duplicate)
  t.deepEqual(duplicates, [false, false, true, false, false])
})

test('a refused batch is published one by one, and holds its place until each is answered', async t => {
  const { publish, open, sizes } = fakeServer()
  const published = numbered(512).map(id => publish(id))
  const waiting = [publish('x'), publish('y')]
  await turn()
  open[0]?.refuse()
  await turn()
  t.deepEqual(sizes(), [256, ...Array.from({ length: 256 }, () => 1)], 'no third batch yet')
  for (const single of open.slice(1)) single.accept()
  t.is((await Promise.all(published.slice(0, 256))).filter(({ duplicate }) => duplicate).length, 0)
  await turn()
  t.deepEqual(sizes(), [256, 2])
  for (const call of open.slice()) call.accept()
  t.is((await Promise.all([...published, ...waiting])).length, 514)
})

test('a batch without an answer fails each of its events, and the next one leaves', async t => {
  const { publish, open, sizes } = fakeServer()
  const published = ['a', 'b'].map(id => publish(id))
  await turn()
  open[0]?.fail(new Error('timeout'))
  for (const each of published)
    t.like(await t.throwsAsync(each, { instanceOf: Failure }), { code: 'streams_unavailable', retryAfterS: 2 })
  const full = publish('c')
  await turn()
  t.deepEqual(sizes(), [1])
  open[0]?.fail(new Failure('stream_full', 'full'))
  await t.throwsAsync(full, { code: 'stream_full' })
  const again = ['a', 'b'].map(id => publish(id))
  await turn()
  t.deepEqual(sizes(), [2])
  open[0]?.accept()
  t.deepEqual(
    (await Promise.all(again)).map(({ sequence }) => sequence),
    [1, 2],
  )
})

for (const [title, groupCommit, freed] of [
  ['with group commit', true, 256],
  ['without group commit', false, 1],
] as const)
  test(`${title} 10,000 events may wait; the next ones are refused at once, until one is answered`, async t => {
    const { publish, open } = fakeServer(groupCommit)
    const inFlight = groupCommit ? 512 : 0
    const accepted = numbered(inFlight).map(id => publish(id))
    await turn()
    // Some wait for their turn, others for their answer.
    accepted.push(...numbered(4_000, 'f').map(id => publish(id)))
    await turn()
    accepted.push(...numbered(6_000, 'g').map(id => publish(id)))
    const refusal = { code: 'streams_unavailable', message: /cannot accept more events/ }
    t.is((await t.throwsAsync<Failure>(publish('too many'), refusal))?.retryAfterS, 2)
    await turn()
    await t.throwsAsync(publish('too many'), refusal)
    open[0]?.accept()
    await accepted[0]
    await turn()
    const more = numbered(freed, 'h').map(id => publish(id))
    await t.throwsAsync(publish('too many'), refusal)
    while (open.length > 0) {
      for (const call of open.slice()) call.accept()
      await turn()
    }
    t.is(
      new Set((await Promise.all([...accepted, ...more])).map(({ sequence }) => sequence)).size,
      inFlight + 10_000 + freed,
    )
  })

test('without group commit the events of one turn leave together, each as a message of its own', async t => {
  const { publish, open, sizes, calls } = fakeServer(false)
  const published = ['a', 'b', 'a'].map(id => publish(id))
  t.is(calls(), 0)
  await turn()
  t.deepEqual(sizes(), [1, 1, 1])
  for (const call of open.slice()) call.accept()
  t.deepEqual(await Promise.all(published), [
    { sequence: 1, duplicate: false },
    { sequence: 2, duplicate: false },
    { sequence: 1, duplicate: true },
  ])
})

test('nothing is published over a closed connection', async t => {
  const { publish, close, calls } = fakeServer()
  close()
  await t.throwsAsync(publish('a'), { code: 'streams_unavailable' })
  await turn()
  t.is(calls(), 0)
})

test('whatever is published and answered in whatever order, each event gets one answer, its own', async t => {
  const step = fc.oneof(
    fc.record({ id: fc.nat(30), tenant: fc.constantFrom('acme', 'other') }),
    fc.record({ answer: fc.constantFrom('accept', 'refuse', 'fail' as const), at: fc.nat(3) }),
    fc.constant('turn' as const),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 120 }), async steps => {
      const { publish, open } = fakeServer()
      const answers: Promise<readonly [string, Published | Failure]>[] = []
      for (const each of steps) {
        if (each === 'turn') await turn()
        else if ('id' in each) {
          const key = `${each.tenant}:${each.id}`
          const answer = publish(String(each.id), each.tenant)
          answers.push(
            answer.then(
              published => [key, published] as const,
              (failure: Failure) => [key, failure] as const,
            ),
          )
        } else {
          const call = open[each.at]
          if (each.answer === 'accept') call?.accept()
          else if (each.answer === 'fail') call?.fail(new Error('timeout'))
          else if ((call?.ids.length ?? 0) > 1) call?.refuse()
        }
        const batches = open.filter(({ ids }) => ids.length > 1)
        if (batches.length > 2) return false
        if (batches.some(({ ids }) => new Set(ids).size !== ids.length)) return false
      }
      do {
        for (const call of open.slice()) call.accept()
        await turn()
      } while (open.length > 0)
      const sequences = new Map<string, number>()
      for (const [key, answer] of await Promise.all(answers)) {
        if (answer instanceof Failure) continue
        if (sequences.has(key) && sequences.get(key) !== answer.sequence) return false
        sequences.set(key, answer.sequence)
      }
      return new Set(sequences.values()).size === sequences.size
    }),
    { numRuns: 100 },
  )
  t.pass()
})
