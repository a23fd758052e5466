import test from 'ava'
import { eventTypes } from '../../../config/event-types/index.ts'
import { serveApi } from '../../../test/support/serve-api.ts'

test('the catalogue is plain JSON Schema that generators can read', async t => {
  const { call } = await serveApi(t)
  const { body } = await call('GET', '/v1/event-types')
  const items = body['items'] as { type: string; schema: { type: string; required: string[] }; sample: object }[]
  t.deepEqual(
    items.map(({ type }) => type),
    eventTypes.map(({ type }) => type),
  )
  for (const { schema } of items) {
    t.is(schema.type, 'object')
    t.false(JSON.stringify(schema).includes('~'))
  }
})
