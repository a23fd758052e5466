import type { JetStreamClient } from '@nats-io/jetstream'
import test from 'ava'
import { errors } from 'nats'
import { publication, startStream } from '../../test/support/test-stream.ts'
import { publishBatch } from './publish-batch.ts'

const outgoing = (...ids: string[]) =>
  ids.map(id => ({ subject: `visits.in.acme.${id}`, id: `acme:${id}`, publication: publication(id) }))

for (const error of [
  new errors.TimeoutError(),
  new errors.RequestError('disconnected'),
  new errors.NoRespondersError('visits.in.acme'),
  new errors.ClosedConnectionError(),
  new errors.DrainingConnectionError(),
])
  test(`a batch without an answer may be stored, so it is not published again one by one: ${error.name}`, async t => {
    const client = { startBatch: () => Promise.reject(error) } as unknown as JetStreamClient
    await t.throwsAsync(publishBatch(client, outgoing('a', 'b')), { is: error })
  })

test('a batch that the server refuses stored nothing, and is reported as refused', async t => {
  const client = { startBatch: () => Promise.reject(new Error('duplicate')) } as unknown as JetStreamClient
  t.is(await publishBatch(client, outgoing('a', 'b')), null)
})

test('fewer than two events are no batch', async t => {
  const client = {} as JetStreamClient
  for (const ids of [[], ['a']]) await t.throwsAsync(publishBatch(client, outgoing(...ids)), { message: /two events/ })
})

test('each message of a batch, and a single one, is stored with its subject, body, message id and trace context', async t => {
  const { streams, manager, stream } = await startStream(t)
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
  const publish = (id: string, type: string) =>
    streams.publish({ ...publication(id, 'acme', type), traceparent: id === 'untraced' ? null : traceparent })
  const batch = [publish('a', 'visit.created'), publish('b', 'visit.checked_in'), publish('untraced', 'visit.created')]
  const published = [...(await Promise.all(batch)), await publish('single', 'visit.created')]
  const stored = await Promise.all(
    published.map(async ({ sequence }) => {
      const message = await manager.direct.getMessage(stream, { seq: sequence })
      return [
        message?.subject,
        message?.string(),
        message?.header.get('Nats-Msg-Id'),
        message?.header.get('traceparent'),
      ]
    }),
  )
  t.deepEqual(stored, [
    [`${stream}.0.acme.visit.created`, '{"id":"a"}', 'acme:a', traceparent],
    [`${stream}.0.acme.visit.checked_in`, '{"id":"b"}', 'acme:b', traceparent],
    [`${stream}.0.acme.visit.created`, '{"id":"untraced"}', 'acme:untraced', ''],
    [`${stream}.0.acme.visit.created`, '{"id":"single"}', 'acme:single', traceparent],
  ])
})
