import { mock } from 'node:test'
import test from 'ava'
import { fakePorts } from '../../test/support/fake-ports.ts'
import { type Erasure, newErasure } from '../domain/erasure.ts'
import { partitionOf } from '../domain/partition.ts'
import type { StoredMessage } from '../streams/history.ts'
import { createEraser, type ErasureParts } from './erasure.ts'

const now = 1_800_000_000_000
test.serial.before(() => mock.timers.enable({ apis: ['Date'], now }))
test.serial.after.always(() => mock.timers.reset())

const begun = newErasure('era_1', 'acme', 'anna', now - 4_000)
const message = (sequence: number, visitor: string, type = 'visit.checked_in'): StoredMessage => ({
  sequence,
  at: now,
  type,
  text: JSON.stringify({ id: `evt-${sequence}`, data: { visitor: { id: visitor } } }),
})
const none = { deliveries: 0, cancelled: 0, subscriptionIds: [] }

/** An eraser of these erasures, in a process that owns every tenant. */
const eraserOf = (
  erasures: readonly Erasure[],
  answers: Readonly<Record<string, unknown>> = {},
  change: Partial<ErasureParts> = {},
) => {
  const fake = fakePorts<ErasureParts>({
    'ledger.erasures.running': async () => erasures,
    'ledger.erasures.finish': async (erasure: Erasure) => erasure,
    'ledger.eraseRows.eraseEvents': async () => none,
    'ledger.eraseRows.eventsAbout': async () => [],
    'streams.lastSequence': async () => 9,
    'streams.isWorkedOn': async () => true,
    'streams.history': async () => [],
    'streams.erase': async () => true,
    onFault: () => undefined,
    ...answers,
  })
  const { streams, ledger, metrics, log, retain, wake, onFault, wait } = fake.ports
  const parts = { streams, ledger, metrics, log, retain, wake, onFault, wait, partitions: 16 }
  const eraser = createEraser({ ...parts, owns: () => true, ...change })
  const of = (name: string) => fake.calls.filter(([path]) => path === name).map(([, ...args]) => args)
  return { ...fake, eraser, of }
}
/** Lets everything that the fakes answer take effect. */
const settled = async () => {
  for (let turn = 0; turn < 200; turn += 1) await new Promise(resolve => setImmediate(resolve))
}

test.serial(
  'an erasure covers what was accepted before it, once it is in rows and retention has passed: messages first, then their rows',
  async t => {
    const pages = [
      [message(1, 'anna'), message(2, 'bob'), message(3, 'anna', 'webhook.delivery.exhausted')],
      [message(5, 'anna'), message(11, 'anna')],
      [],
    ]
    const rows = [
      { deliveries: 2, cancelled: 1, subscriptionIds: ['sub_1', 'sub_2'] },
      { deliveries: 4, cancelled: 3, subscriptionIds: [] },
      { deliveries: 1, cancelled: 0, subscriptionIds: ['sub_3'] },
    ]
    const { eraser, calls, lines, counts, inOrder } = eraserOf([begun], {
      'streams.history': async () => pages.shift(),
      'streams.erase': async (sequence: number) => sequence !== 5,
      'ledger.eraseRows.eraseEvents': async () => rows.shift(),
      'ledger.eraseRows.eventsAbout': async () => ['evt-restored'],
    })
    await eraser.look()
    await settled()
    await inOrder(async () => undefined)

    const bounded = { ...begun, boundary: 9 }
    const found = (cursor: number, before: Erasure, scanned: number, sequences: readonly number[]): Erasure => ({
      ...before,
      cursor,
      found: sequences.map(sequence => ({ sequence, eventId: `evt-${sequence}` })),
      counts: { ...before.counts, scanned },
    })
    const first = found(3, bounded, 3, [1])
    const afterFirst = { ...first, found: [], counts: { scanned: 3, events: 1, deliveries: 2, cancelled: 1 } }
    const second = found(5, afterFirst, 4, [5])
    const afterSecond = { ...second, found: [], counts: { scanned: 4, events: 1, deliveries: 6, cancelled: 4 } }
    const last = { ...afterSecond, counts: { scanned: 4, events: 1, deliveries: 7, cancelled: 4 } }
    const history = (after: number) => ['streams.history', { tenant: 'acme', from: 0, after, limit: 200 }] as const
    const matcher = calls.find(([path]) => path === 'ledger.aside.removeWhere')?.[2] as (text: string) => boolean
    t.deepEqual(calls, [
      ['ledger.erasures.running'],
      ['streams.lastSequence'],
      ['ledger.erasures.advance', bounded],
      ['streams.isWorkedOn', partitionOf('acme', 16), 9],
      ['retain', 'acme'],
      history(0),
      ['ledger.erasures.advance', first],
      ['streams.erase', 1],
      ['ledger.eraseRows.eraseEvents', 'acme', ['evt-1'], now],
      ['wake', 'sub_1'],
      ['wake', 'sub_2'],
      ['ledger.erasures.advance', afterFirst],
      history(3),
      ['ledger.erasures.advance', second],
      ['streams.erase', 5],
      ['ledger.eraseRows.eraseEvents', 'acme', ['evt-5'], now],
      ['ledger.erasures.advance', afterSecond],
      history(5),
      ['ledger.aside.removeWhere', 'acme', matcher],
      ['ledger.eraseRows.eraseAnswers', 'acme', 'anna'],
      ['ledger.eraseRows.eventsAbout', 'acme', 'anna'],
      ['ledger.eraseRows.eraseEvents', 'acme', ['evt-restored'], now],
      ['wake', 'sub_3'],
      ['ledger.erasures.advance', last],
      ['ledger.erasures.finish', last, now],
    ])
    t.deepEqual([matcher(message(1, 'anna').text), matcher(message(1, 'bob').text)], [true, false])
    t.deepEqual(counts, [
      ['ended', 'cancelled', 'erased', 1],
      ['ended', 'cancelled', 'erased', 3],
      ['ended', 'cancelled', 'erased', 0],
      ['retained', 'erased', 1],
    ])
    const ids = { erasureId: 'era_1', tenant: 'acme' }
    t.deepEqual(lines, [
      ['info', { ...ids, partition: partitionOf('acme', 16), cursor: 0, boundary: last.boundary }, 'erasing a visitor'],
      ['info', { ...ids, ...last.counts, tookMs: 4_000 }, 'a visitor is erased'],
    ])
  },
)

test.serial(
  'an erasure continues where another process stopped: same bound, and first what was found and may not be erased yet',
  async t => {
    const stopped: Erasure = {
      ...begun,
      boundary: 6,
      cursor: 4,
      found: [
        { sequence: 3, eventId: 'evt-3' },
        { sequence: 4, eventId: null },
      ],
      counts: { scanned: 4, events: 1, deliveries: 0, cancelled: 0 },
    }
    const { eraser, of, calls } = eraserOf([stopped], { 'streams.history': async () => [message(7, 'anna')] })
    await eraser.look()
    await settled()
    t.deepEqual(of('streams.lastSequence'), [])
    t.deepEqual(calls.slice(1, 4), [
      ['streams.erase', 3],
      ['streams.erase', 4],
      ['ledger.eraseRows.eraseEvents', 'acme', ['evt-3'], now],
    ])
    t.deepEqual(of('streams.history'), [[{ tenant: 'acme', from: 0, after: 4, limit: 200 }]])
    t.deepEqual(of('streams.isWorkedOn'), [[partitionOf('acme', 16), 6]])
    t.like(of('ledger.erasures.finish')[0]?.[0], { counts: { scanned: 4, events: 3 } })
  },
)

test.serial(
  'an erasure waits until everything that was accepted before it is in rows, and asks again every 250 ms',
  async t => {
    let asked = 0
    const { eraser, of, calls } = eraserOf([begun], { 'streams.isWorkedOn': async () => (asked += 1) === 3 })
    await eraser.look()
    await settled()
    t.deepEqual(
      of('wait').map(([delayMs]) => delayMs),
      [250, 250],
    )
    t.deepEqual(calls.map(([path]) => path).slice(3, 9), [
      'streams.isWorkedOn',
      'wait',
      'streams.isWorkedOn',
      'wait',
      'streams.isWorkedOn',
      'retain',
    ])
  },
)

for (const [when, path] of [
  ['while it waits', 'wait'],
  ['while it searches', 'streams.history'],
] as const)
  for (const [what, end] of [
    ['the process stops', 'stop'],
    ['another process takes the tenant over', 'lose'],
  ] as const)
    test.serial(`an erasure ends without a trace in its result when ${what} ${when}`, async t => {
      let owned = true
      const { eraser, of, calls } = eraserOf(
        [begun],
        {
          'streams.isWorkedOn': async () => path !== 'wait',
          [path]: async (first: unknown) => {
            if (end === 'stop') eraser.stop()
            owned = false
            return typeof first === 'number' ? undefined : [message(1, 'bob')]
          },
        },
        { owns: () => end === 'stop' || owned },
      )
      await eraser.look()
      await settled()
      t.is(of(path).length, 1)
      t.deepEqual(of('retain'), path === 'wait' ? [] : [['acme']])
      t.deepEqual(of('ledger.erasures.finish'), [])
      if (path === 'wait') t.like(of('wait')[0]?.[1], { aborted: end === 'stop' }, 'a stop ends the wait')
      const before = calls.length
      await eraser.look()
      await settled()
      t.is(calls.length, before + 1, 'a look starts nothing here any more')
    })

test.serial(
  'an erasure runs once at a time; one that failed is reported and starts again at the next look',
  async t => {
    const answer = Promise.withResolvers<number>()
    const { eraser, of } = eraserOf([begun], { 'streams.lastSequence': () => answer.promise })
    await eraser.look()
    await eraser.look()
    t.is(of('streams.lastSequence').length, 1)
    const away = new Error('away')
    answer.reject(away)
    await settled()
    t.deepEqual(of('onFault'), [[away, 30_000]])
    await eraser.look()
    t.is(of('streams.lastSequence').length, 2)
  },
)

test.serial('only erasures that run, of tenants of this process, are worked on', async t => {
  const other = { ...begun, id: 'era_2', tenant: 'globex' }
  const done = { ...begun, id: 'era_3', visitorId: null }
  const { eraser, calls, lines } = eraserOf([other, done], {}, { owns: tenant => tenant === 'acme' })
  await eraser.look()
  await settled()
  t.deepEqual([calls, lines], [[['ledger.erasures.running']], []])
})
