import test from 'ava'
import { fakePorts } from '../../test/support/fake-ports.ts'
import { partitionOf } from '../domain/partition.ts'
import { dayMs } from '../domain/time.ts'
import type { TenantRetention } from '../ledger/retention.ts'
import { createRetainer, type RetentionParts, streamKeepMs } from './retention.ts'

const now = 1_000 * dayMs
const partitions = 16
const tenantOf = (tenant: string, own: TenantRetention['own'] = {}): TenantRetention => ({
  tenant,
  own,
  contentRemovedTo: 5,
})
const nothing = {
  'ledger.retention.removeContent': async () => ({ ended: new Map(), contents: 0, more: false }),
  'ledger.retention.removeRows': async () => ({ removed: 0, more: false }),
  'streams.purgeBefore': async () => 0,
}
/** A retainer of a process that owns all tenants, where retention is 7 and 30 days unless a tenant says otherwise. */
const retainerOf = (answers: Readonly<Record<string, unknown>>, change: Partial<RetentionParts> = {}) => {
  const fake = fakePorts<RetentionParts>({ ...nothing, ...answers })
  const { streams, ledger, metrics, log, wake } = fake.ports
  const parts = { streams, ledger, metrics, log, wake, partitions, retention: { payloadDays: 7, logDays: 30 } }
  return { ...fake, retainer: createRetainer({ ...parts, owns: () => true, now: () => now, ...change }) }
}

type Case = [what: string, own: TenantRetention['own'], payloadDays: number, logDays: number, keepDays: number | null]
const cases: Case[] = [
  ['the operator’s', {}, 7, 30, null],
  ['its own days', { payloadDays: 3, logDays: 10 }, 3, 10, null],
  [
    'longer days of its own, for which the stream keeps events a day longer',
    { payloadDays: 20, logDays: 40 },
    20,
    40,
    21,
  ],
  ['a log that is kept as long as the content', { payloadDays: 14, logDays: 2 }, 14, 14, 15],
]
for (const [what, own, payloadDays, logDays, keepDays] of cases)
  test(`a tenant’s content and log end after ${what}, content first, and nothing of another tenant`, async t => {
    const acme = tenantOf('acme', own)
    const { retainer, calls, lines, counts, inOrder } = retainerOf({ 'ledger.retention.get': async () => acme })
    await inOrder(() => retainer.pass('acme'))
    const [payloadEnd, logEnd] = [now - payloadDays * dayMs, now - logDays * dayMs]
    t.deepEqual(calls, [
      ['ledger.retention.get', 'acme'],
      ...(keepDays === null ? [] : [['streams.keepFor', keepDays * dayMs] as const]),
      ['ledger.retention.removeContent', acme, payloadEnd, now],
      ['streams.purgeBefore', 'acme', partitionOf('acme', partitions), payloadEnd],
      ['ledger.retention.contentRemoved', 'acme', payloadEnd],
      ['ledger.retention.removeRows', 'acme', logEnd],
      ['ledger.unmatched.removeBefore', 'acme', logEnd],
    ])
    t.deepEqual([lines, counts], [[], []], 'nothing was removed, so nothing is reported')
  })

test('what retention removed is counted and logged, batch after batch, and each subscription with ended rows is woken', async t => {
  const contents = [
    {
      ended: new Map([
        ['sub_1', 2],
        ['sub_2', 1],
      ]),
      contents: 500,
      more: true,
    },
    { ended: new Map([['sub_1', 4]]), contents: 20, more: false },
  ]
  const rows = [
    { removed: 500, more: true },
    { removed: 3, more: false },
  ]
  const { retainer, calls, lines, counts, inOrder } = retainerOf({
    'ledger.retention.get': async () => tenantOf('acme'),
    'ledger.retention.removeContent': async () => contents.shift(),
    'ledger.retention.removeRows': async () => rows.shift(),
    'streams.purgeBefore': async () => 9,
  })
  await inOrder(() => retainer.pass('acme'))
  t.deepEqual([contents, rows], [[], []])
  t.deepEqual(
    calls.filter(([path]) => path === 'wake'),
    [
      ['wake', 'sub_1'],
      ['wake', 'sub_2'],
      ['wake', 'sub_1'],
    ],
  )
  t.deepEqual(counts, [
    ['ended', 'dead', 'content_expired', 2],
    ['ended', 'dead', 'content_expired', 1],
    ['ended', 'dead', 'content_expired', 4],
    ['retained', 'ended', 7],
    ['retained', 'contents', 520],
    ['retained', 'messages', 9],
    ['retained', 'rows', 503],
  ])
  const tally = { tenant: 'acme', ended: 7, contents: 520, messages: 9, rows: 503 }
  t.deepEqual(lines, [['info', tally, 'retention removed what was kept long enough']])
})

test('retention of a tenant that another process took over ends with the batch under way, and leaves the rest to its owner', async t => {
  const shared = ['ledger.retention.contentRemoved', 'ledger.retention.removeRows', 'ledger.unmatched.removeBefore']
  for (const [path, after, tally] of [
    ['removeContent', [], { ended: 3, contents: 1, messages: 0, rows: 0 }],
    ['removeRows', shared, { ended: 0, contents: 0, messages: 0, rows: 2 }],
  ] as const) {
    let owned = true
    const lose = async () => ((owned = false), { ended: new Map([['sub_1', 3]]), contents: 1, removed: 2, more: true })
    const { retainer, calls, lines } = retainerOf(
      { 'ledger.retention.get': async () => tenantOf('acme'), [`ledger.retention.${path}`]: lose },
      { owns: tenant => tenant === 'acme' && owned },
    )
    await retainer.pass('acme')
    const paths = calls.map(([name]) => name)
    t.is(paths.filter(name => name === `ledger.retention.${path}`).length, 1)
    // Where the progress is stored, the owner would not look again.
    t.deepEqual(
      paths.filter(name => shared.includes(name)),
      [...after],
    )
    t.like(lines[0]?.[1], tally)
  }
})

test('a single message that retention removed is counted and logged too', async t => {
  const { retainer, lines, counts } = retainerOf({
    'ledger.retention.get': async () => tenantOf('acme'),
    'streams.purgeBefore': async () => 1,
  })
  await retainer.pass('acme')
  t.deepEqual([counts, lines.length], [[['retained', 'messages', 1]], 1])
})

test('retention of a tenant that does not exist does nothing', async t => {
  const { retainer, calls } = retainerOf({ 'ledger.retention.get': async () => null })
  await retainer.pass('nobody')
  t.deepEqual(calls, [['ledger.retention.get', 'nobody']])
})

test('a round covers all tenants of the process page by page, and then the messages that were set aside for any tenant', async t => {
  const pages = [[tenantOf('acme'), tenantOf('globex')], [tenantOf('initech', { payloadDays: 2 })], []]
  const { retainer, calls, inOrder } = retainerOf(
    {
      'ledger.retention.list': async () => pages.shift(),
      'ledger.aside.tenants': async () => ['initech', 'nobody'],
      'ledger.retention.get': async (tenant: string) =>
        tenant === 'nobody' ? null : tenantOf(tenant, { payloadDays: 2 }),
    },
    { owns: tenant => tenant !== 'globex' },
  )
  await inOrder(() => retainer.round())
  const of = (name: string) => calls.filter(([path]) => path === name).map(([, ...args]) => args)
  t.deepEqual(of('ledger.retention.list'), [
    ['', 200],
    ['globex', 200],
    ['initech', 200],
  ])
  t.deepEqual(
    of('streams.purgeBefore').map(([tenant]) => tenant),
    ['acme', 'initech'],
  )
  t.deepEqual(of('ledger.aside.removeBefore'), [
    ['initech', now - 2 * dayMs],
    ['nobody', now - 7 * dayMs],
  ])
})

test('two rounds at once are one round, and the next call starts another', async t => {
  const { retainer, calls } = retainerOf({
    'ledger.retention.list': async () => [],
    'ledger.aside.tenants': async () => [],
  })
  await Promise.all([retainer.round(), retainer.round()])
  t.is(calls.length, 2)
  await retainer.round()
  t.is(calls.length, 4)
})

test('a round that failed is over: the next call starts another', async t => {
  let isAway = true
  const { retainer } = retainerOf({
    'ledger.retention.list': async () => {
      if (isAway) throw new Error('away')
      return []
    },
    'ledger.aside.tenants': async () => [],
  })
  await t.throwsAsync(retainer.round(), { message: 'away' })
  isAway = false
  await t.notThrowsAsync(retainer.round())
})

test('a tenant whose pass fails keeps no other tenant from its own, and the round counts as failed', async t => {
  const failure = new Error('refused')
  const names = ['acme', 'beta', 'gamma']
  const { retainer, calls, lines } = retainerOf({
    'ledger.retention.list': async (after: string) => (after === '' ? names.map(name => tenantOf(name)) : []),
    'ledger.retention.get': async (tenant: string) => tenantOf(tenant),
    'ledger.aside.tenants': async () => ['beta', 'gone'],
    'ledger.aside.removeBefore': async (tenant: string) => {
      if (tenant === 'beta') throw new Error('refused too')
    },
    'streams.purgeBefore': async (tenant: string) => {
      if (tenant === 'beta') throw failure
      return 0
    },
  })
  t.is(await t.throwsAsync(retainer.round()), failure)
  const tenantsOf = (name: string) => calls.filter(([path]) => path === name).map(([, tenant]) => tenant)
  t.deepEqual(tenantsOf('ledger.retention.contentRemoved'), ['acme', 'gamma'])
  t.deepEqual(tenantsOf('ledger.aside.removeBefore'), ['beta', 'gone'])
  t.deepEqual(
    lines.map(([level, fields]) => [level, fields]),
    [
      [
        'warn',
        { err: failure, tenant: 'beta', failed: 2, remedy: 'see the error; the next round tries these tenants again' },
      ],
    ],
  )
})

test('the stream keeps events a day longer than rows keep their content', t => {
  t.is(streamKeepMs(7), 8 * 24 * 60 * 60 * 1_000)
})
