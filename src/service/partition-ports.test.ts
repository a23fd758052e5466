import { mock } from 'node:test'
import test from 'ava'
import { of as emits } from 'rxjs'
import type { Supervisors } from '../../actors/subscription/supervisors.ts'
import { fakeParts } from '../../test/support/fake-parts.ts'
import { fakePorts } from '../../test/support/fake-ports.ts'
import { limits } from '../domain/limits.ts'
import type { VisitMessage } from '../domain/visit-message.ts'
import { partitionPorts } from './partition-ports.ts'
import { partitionWindow } from './stream-limits.ts'

const now = 1_800_000_000_000
test.serial.before(() => mock.timers.enable({ apis: ['Date'], now }))
test.serial.after.always(() => mock.timers.reset())

const message = {
  partition: 3,
  tenant: 'acme',
  type: 'visit.checked_in',
  sequence: 17,
  at: now - 1_000,
  traceparent: null,
  rawBytes: Buffer.from('the text'),
  text: () => 'the text',
} as unknown as VisitMessage
const event = { id: 'evt-1', type: 'visit.checked_in', timestamp: '', tenant: 'acme', visitId: 'visit-1', data: {} }
const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
const ids = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' }

const portsOf = (answers: Readonly<Record<string, unknown>> = {}) => {
  const fake = fakeParts({ 'directory.compare': () => emits(undefined), ...answers })
  const supervisors = fakePorts<Supervisors>()
  const open = new Set<VisitMessage>()
  return { ...fake, supervisors, open, ports: partitionPorts(fake.ports, supervisors.ports, open) }
}

test.serial('a partition’s ports are those of the service and of its supervisors', t => {
  const { ports, pathOf, supervisors } = portsOf()
  t.deepEqual([ports.subscriptionsOf, ports.refresh, ports.existing, ports.patience].map(pathOf), [
    'directory.ofTenant',
    'directory.refresh',
    'ledger.deliveries.existing',
    'patience',
  ])
  t.deepEqual([ports.offer, ports.onCaughtUp].map(supervisors.pathOf), ['offer', 'caughtUp'])
  t.is(ports.window, partitionWindow)
  t.is(ports.now(), now)
})

test.serial(
  'nothing is matched before the subscriptions were compared with the ledger after the partition was taken, nor on a stale directory',
  async t => {
    const compared = Promise.withResolvers<void>()
    const fresh = Promise.withResolvers<void>()
    let isFresh = true
    const { ports, of } = portsOf({
      'directory.compare': () => compared.promise,
      'directory.isFresh': () => isFresh,
      'directory.untilFresh': () => fresh.promise,
    })
    t.is(of('directory.compare').length, 1)
    t.false(ports.isFresh(), 'the previous owner may have acknowledged a change that is not known here')
    let waited = false
    const waiting = ports.untilFresh().then(() => (waited = true))
    compared.resolve()
    for (let turn = 0; turn < 3; turn += 1) await new Promise(setImmediate)
    t.true(ports.isFresh())
    t.false(waited)
    isFresh = false
    t.false(ports.isFresh())
    fresh.resolve()
    await waiting
    t.is(of('directory.compare').length, 1)
  },
)

test.serial('a change is known once the directory holds it; a message that reports none is nothing to wait for', t => {
  const { ports, of } = portsOf({ 'directory.holds': (id: string) => id === 'sub_1' })
  const configured = (text: string) => ({ ...message, type: 'doorbell.configured', text: () => text })
  t.true(ports.knows(configured('{"id":"sub_1","version":7}')))
  t.false(ports.knows(configured('{"id":"sub_2","version":null}')))
  t.true(ports.knows(configured('visitor')))
  t.true(ports.knows({ ...configured('{"id":"sub_2","version":1}'), type: 'doorbell.mark' }))
  t.deepEqual(of('directory.holds'), [
    ['sub_1', 7],
    ['sub_2', null],
  ])
})

test.serial('a message is read as an event of the tenant and type that its subject names', t => {
  const { ports, of } = portsOf({ 'reader.message': () => event })
  t.is(ports.read(message), event)
  t.deepEqual(of('reader.message'), [['acme', 'visit.checked_in', 'the text', now]])
})

test.serial('a message counts as open until its span has ended', t => {
  const { ports, open, counts } = portsOf()
  const span = ports.begin(message)
  t.deepEqual([...open], [message])
  span.end('acknowledged')
  t.is(open.size, 0)
  t.is(counts[0]?.[1], 'acknowledged')
})

test.serial('an event that nothing matched is kept with where and when it was accepted', async t => {
  const { ports, of, inOrder } = portsOf()
  await inOrder(() => ports.keepUnmatched({ message, event, span: ports.begin(message) }))
  const kept = {
    tenant: 'acme',
    eventId: 'evt-1',
    type: 'visit.checked_in',
    visitId: 'visit-1',
    streamSequence: 17,
    at: now - 1_000,
  }
  t.deepEqual(of('ledger.unmatched.keep'), [[kept]])
})

test.serial(
  'a message that is not an event is kept aside, cut off at the largest event, with a line that says where',
  async t => {
    const { ports, of, lines, inOrder } = portsOf()
    const rawBytes = Buffer.alloc(limits.eventBytes + 1, 'x')
    await inOrder(() => ports.keepAside({ ...message, rawBytes }, 'not JSON', traceparent))
    const place = { sequence: 17, tenant: 'acme', type: 'visit.checked_in', reason: 'not JSON' }
    const text = 'x'.repeat(limits.eventBytes)
    t.deepEqual(of('ledger.aside.keep'), [[{ ...place, partition: 3, text, at: now }]])
    const remedy = 'fix its publisher; the message is in the collection "aside"'
    t.deepEqual(lines, [['warn', { ...ids, ...place, remedy }, 'message kept aside']])
  },
)

test.serial('a message that cannot be kept aside is not logged as kept', async t => {
  const away = new Error('away')
  const { ports, lines } = portsOf({ 'ledger.aside.keep': () => Promise.reject(away) })
  await t.throwsAsync(ports.keepAside(message, 'not JSON', traceparent), { is: away })
  t.deepEqual(lines, [])
})

test.serial('a defect is logged with its message and trace', t => {
  const { ports, lines } = portsOf()
  const fault = new Error('a defect')
  ports.onDefect(message, fault, traceparent)
  const remedy = 'a defect: report it with this line'
  t.deepEqual(lines, [['error', { ...ids, err: fault, sequence: 17, remedy }, 'a message failed']])
})
