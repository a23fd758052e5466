import test from 'ava'
import { fakePorts } from '../../test/support/fake-ports.ts'
import { eventTypes } from '../../config/event-types/index.ts'
import { aDelivery } from '../../test/support/supervised-values.ts'
import { Failure } from '../domain/failure.ts'
import { createEvents } from './events.ts'
import type { Parts } from './parts.ts'

const data = (eventTypes.find(({ type }) => type === 'visit.checked_in')?.sample ?? {}) as Record<string, unknown>
const event = {
  id: 'evt-1',
  type: 'visit.checked_in',
  timestamp: '2026-01-01T00:00:00.000Z',
  tenant: 'acme',
  visitId: 'visit-1',
  data,
}
const text = JSON.stringify(event)

const eventsOf = (answers: Readonly<Record<string, unknown>>, assertDeliverable: () => void = () => undefined) => {
  const { ports, ...fake } = fakePorts<Pick<Parts, 'streams' | 'metrics'>>(answers)
  return { ...fake, events: createEvents(ports.streams, ports.metrics, assertDeliverable) }
}

test('an accepted event is in the stream, under its tenant, type and id, and counted', async t => {
  const { events, calls, counts, inOrder } = eventsOf({
    'streams.publish': async () => ({ sequence: 5, duplicate: true }),
  })
  t.deepEqual(await inOrder(() => events.accept(event)), { id: 'evt-1', duplicate: true })
  t.like(calls[0]?.[1], { tenant: 'acme', type: 'visit.checked_in', id: 'evt-1', visitId: 'visit-1', body: text })
  t.deepEqual(counts[0]?.slice(0, 3), ['sent', 'acme', 'duplicate'])
})

test('an event that might never be delivered is not published', async t => {
  const { events, calls } = eventsOf({}, () => {
    throw new Failure('promise_broken', 'No event is accepted now.')
  })
  await t.throwsAsync(events.accept(event), { instanceOf: Failure, code: 'promise_broken' })
  t.deepEqual(calls, [])
})

test('an accepted event is read back by its number; what is gone, or is no event of that tenant and type, is null', async t => {
  const read = (stored: string | null) => eventsOf({ 'streams.read': async () => stored })
  const { events, calls } = read(text)
  t.deepEqual(await events.readEvent('acme', 'visit.checked_in', 17), event)
  t.deepEqual(calls, [['streams.read', 17]])
  t.is(await events.readEvent('globex', 'visit.checked_in', 17), null)
  t.is(await events.readEvent('acme', 'visit.checked_out', 17), null)
  for (const stored of [null, 'no JSON'])
    t.is(await read(stored).events.readEvent('acme', 'visit.checked_in', 17), null)
})

test('a page of the feed has an entry for each message, and no event where a message is none', async t => {
  const { events, calls } = eventsOf({
    'streams.history': async () => [
      { sequence: 4, at: 0, type: 'visit.checked_in', text },
      { sequence: 9, at: 0, type: 'visit.checked_in', text: 'no JSON' },
    ],
  })
  const query = { tenant: 'acme', from: 1, after: 2, limit: 3 }
  t.deepEqual(await events.readFeed(query), [
    { sequence: 4, event },
    { sequence: 9, event: null },
  ])
  t.deepEqual(calls, [['streams.history', query]])
})

test('a resend of a row without a body sends what the stream has', async t => {
  const { body: _, ...row } = aDelivery('evt-1', { streamSequence: 17 })
  const { events } = eventsOf({ 'streams.read': async (sequence: number) => (sequence === 17 ? text : null) })
  t.like(JSON.parse((await events.bodyOf(row, 'thin')) ?? ''), { id: 'evt-1', sequence: 17 })
})
