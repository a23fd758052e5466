import test from 'ava'
import { aDelivery } from '../../test/support/supervised-values.ts'
import type { Delivery } from '../domain/delivery.ts'
import type { PayloadForm, VisitEvent } from '../domain/event.ts'
import { createBodyOf } from './body-to-send.ts'

const event: VisitEvent = {
  id: 'evt-1',
  type: 'visit.checked_in',
  timestamp: '2026-01-01T00:00:00.000Z',
  tenant: 'acme',
  visitId: 'visit-1',
  data: { from: 'the stream' },
}
const { tenant: _, ...wire } = event
const full = JSON.stringify({ ...wire, data: { from: 'the row' } })
const thin = JSON.stringify({ id: 'evt-1', type: 'visit.checked_in' })
const thinOf = (sequence: number) =>
  JSON.stringify({ id: 'evt-1', type: event.type, timestamp: event.timestamp, visitId: 'visit-1', sequence })

type Case = [what: string, row: Partial<Delivery>, form: PayloadForm, stored: VisitEvent | null, body: string | null]
const cases: Case[] = [
  ['its own bytes', { body: full }, 'full', event, full],
  ['its own bytes, thin', { body: thin }, 'thin', event, thin],
  [
    'its own content in the thin form',
    { body: full },
    'thin',
    null,
    JSON.stringify({ ...JSON.parse(full), data: undefined }),
  ],
  [
    'the stream’s event, where a thin body was stored',
    { body: thin },
    'full',
    event,
    JSON.stringify({
      id: event.id,
      type: event.type,
      timestamp: event.timestamp,
      visitId: event.visitId,
      sequence: 7,
      data: event.data,
    }),
  ],
  ['the stream’s event without a body', {}, 'thin', event, thinOf(7)],
  ['nothing when neither is kept', {}, 'full', null, null],
  ['nothing when the stream has another event under the number', {}, 'full', { ...event, id: 'evt-2' }, null],
  [
    'nothing once the content was erased, wherever it still is',
    { body: full, contentGone: 'erased' },
    'full',
    event,
    null,
  ],
]

for (const [what, change, form, stored, body] of cases)
  test(`a resend sends ${what}`, async t => {
    const { body: __, ...row } = aDelivery('evt-1', { streamSequence: 7 })
    const bodyOf = createBodyOf(async (tenant, type, sequence) => {
      t.deepEqual([tenant, type, sequence], ['acme', 'visit.checked_in', 7])
      return stored
    })
    t.is(await bodyOf({ ...row, ...change }, form), body)
  })
