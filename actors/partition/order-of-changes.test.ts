import test from 'ava'
import fc from 'fast-check'
import { configuredType, markType } from '../../src/domain/control-message.ts'
import type { VisitMessage } from '../../src/domain/visit-message.ts'
import { startPartition } from '../../test/support/fake-partition.ts'
import { aSubscription } from '../../test/support/supervised-values.ts'
import { settled, virtualTime } from '../../test/support/virtual-time.ts'

const change: Partial<VisitMessage> = { type: configuredType }
const globex = { tenant: 'globex' } as const
const subscriptions = [aSubscription(), aSubscription({ id: 'sub_2', tenant: 'globex' })]

/** A partition whose reads of subscriptions the test answers, in their order. */
const startReading = (t: Parameters<typeof startPartition>[0], options: Parameters<typeof startPartition>[1] = {}) => {
  const reads: { readonly tenant: string; readonly answer: PromiseWithResolvers<void> }[] = []
  const refresh = (tenant: string) => {
    const answer = Promise.withResolvers<void>()
    reads.push({ tenant, answer })
    return answer.promise
  }
  const partition = startPartition(t, { subscriptions, knows: () => false, refresh, ...options })
  const answer = async (error?: unknown) => {
    const read = reads.shift()
    if (error === undefined) read?.answer.resolve()
    else read?.answer.reject(error)
    await settled()
  }
  return { ...partition, reads, answer, ends: () => partition.news().filter(line => /^(offer|ack|aside)/.test(line)) }
}

test('the events of a tenant wait behind a change that this process does not know, in their order; other tenants’ events pass', async t => {
  const partition = startReading(t)
  await partition.arrive(1, [2, change], 3, [4, globex], 5)
  t.deepEqual(partition.ends(), ['offer e1.sub_1', 'offer e4.sub_2'])
  t.deepEqual(
    partition.reads.map(({ tenant }) => tenant),
    ['acme'],
  )
  await partition.answer()
  t.deepEqual(partition.ends(), ['ack 2', 'offer e3.sub_1', 'offer e5.sub_1'])
  await partition.arrive(6)
  t.deepEqual(partition.ends(), ['offer e6.sub_1'])
})

test('a change that is known, a mark and a message that reports nothing end at once, without a read and without a trace', async t => {
  const partition = startReading(t, { knows: () => true })
  await partition.arrive([1, change], [2, { type: markType }], [3, { type: 'doorbell.other', tenant: 'ODD' }], 4)
  t.deepEqual(partition.news(), ['ack 1', 'ack 2', 'ack 3', 'identify e4', 'look up e4.sub_1', 'offer e4.sub_1'])
  t.deepEqual(partition.reads, [])
})

test('one read shows all changes that arrived before it began, and a change that arrived later needs another', async t => {
  const partition = startReading(t)
  await partition.arrive([1, change], 2, [3, change], 4, [5, change])
  t.is(partition.reads.length, 1)
  await partition.answer()
  t.deepEqual(partition.ends(), ['ack 1', 'offer e2.sub_1'])
  await partition.arrive([6, change], 7)
  await partition.answer()
  t.deepEqual(partition.ends(), ['ack 3', 'ack 5', 'offer e4.sub_1'])
  await partition.answer()
  t.deepEqual(partition.ends(), ['ack 6', 'offer e7.sub_1'])
  t.deepEqual(partition.reads, [])
})

test.serial(
  'while the ledger is away a tenant’s events wait and its messages are extended; nothing is lost',
  async t => {
    const time = virtualTime(t)
    const partition = startReading(t)
    await partition.arrive([1, change], 2)
    await partition.answer('away')
    await time.pass(15_000)
    t.deepEqual(
      partition.news().filter(line => !line.startsWith('away')),
      ['working 1', 'working 2'],
    )
    await partition.answer()
    t.deepEqual(partition.ends(), ['ack 1', 'offer e2.sub_1'])
  },
)

test('the partition has not caught up while an event that its previous owner had in hand waits behind a change', async t => {
  const partition = startReading(t)
  await partition.arrive([1, change], 2, [3, { ...globex, caughtUp: true }])
  t.false(partition.news().includes('caught up'))
  await partition.answer()
  t.deepEqual(
    partition.news().filter(line => /^(offer|caught)/.test(line)),
    ['offer e2.sub_1', 'caught up'],
  )
  const last = startReading(t)
  await last.arrive([1, { ...change, caughtUp: true }])
  t.false(last.news().includes('caught up'))
  await last.answer()
  t.true(last.news().includes('caught up'))
})

test('an event never overtakes a change, whatever the ledger, its changes and its answers do in whatever order', async t => {
  const anyTenant = fc.constantFrom('acme', 'globex')
  const anyMessage = fc.record({ tenant: anyTenant, isChange: fc.boolean() })
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyMessage, { minLength: 1, maxLength: 12 }),
      fc.infiniteStream(fc.nat()),
      async (messages, draws) => {
        const stored: Record<string, number> = { acme: 0, globex: 0 }
        const held: Record<string, number> = { acme: 0, globex: 0 }
        const reads: { readonly tenant: string; readonly version: number; readonly done: () => void }[] = []
        const versions = new Map<number, number>()
        const offered: { readonly sequence: number; readonly tenant: string; readonly held: number }[] = []
        const partition = startPartition(t, {
          subscriptions,
          knows: ({ sequence, tenant }) => (held[tenant] ?? 0) >= (versions.get(sequence) ?? 0),
          refresh: tenant => {
            const { promise, resolve } = Promise.withResolvers<void>()
            reads.push({ tenant, version: stored[tenant] ?? 0, done: resolve })
            return promise
          },
          offer: async (_, { streamSequence: sequence, tenant }) => {
            offered.push({ sequence, tenant, held: held[tenant] ?? 0 })
            return 'recorded'
          },
        })
        const learn = (tenant: string, version: number) => (held[tenant] = Math.max(held[tenant] ?? 0, version))
        const answerOne = (choice: number) => {
          const [read] = reads.splice(choice % reads.length, 1)
          if (read === undefined) return
          learn(read.tenant, read.version)
          read.done()
        }
        for (const [sequence, { tenant, isChange }] of messages.entries()) {
          if (isChange) versions.set(sequence, (stored[tenant] = (stored[tenant] ?? 0) + 1))
          await partition.arrive([sequence, isChange ? { ...change, tenant } : { tenant }])
          const what = draws.next().value ?? 0
          if (what % 3 === 1) learn(tenant, stored[tenant] ?? 0)
          if (what % 3 === 2 && reads.length > 0) answerOne(what)
          await settled()
        }
        while (reads.length > 0) {
          answerOne(draws.next().value ?? 0)
          await settled()
        }
        for (const tenant of ['acme', 'globex']) {
          const own = messages.flatMap((each, sequence) => (each.tenant === tenant ? [{ ...each, sequence }] : []))
          t.deepEqual(
            offered.filter(each => each.tenant === tenant).map(({ sequence }) => sequence),
            own.filter(({ isChange }) => !isChange).map(({ sequence }) => sequence),
          )
        }
        for (const { sequence, tenant, held: known } of offered) {
          const before = [...versions].filter(([at]) => at < sequence && messages[at]?.tenant === tenant)
          t.true(known >= Math.max(0, ...before.map(([, version]) => version)))
        }
        t.is(partition.log.filter(line => line.startsWith('ack')).length, messages.length)
      },
    ),
    { numRuns: 300 },
  )
})
