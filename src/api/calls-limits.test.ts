import test from 'ava'
import { eventTypes } from '../../config/event-types/index.ts'
import { declaredOperations } from '../../test/support/declared-operations.ts'
import { type Edge, edgesOf } from '../../test/support/edges.ts'
import { fakeStores } from '../../test/support/fake-stores.ts'
import { serveApi } from '../../test/support/serve-api.ts'
import { storedDocuments } from '../../test/support/stored-documents.ts'
import { wholeCalls } from '../../test/support/whole-calls.ts'

/** Values that a schema allows and a rule beyond it refuses: an event type that there is not, or a url of 2,048 letters. */
const refusedByRule = /^\/eventTypes|^\/events?\/|^\/data|^\/type longest|^\/auth.*token/
const { filter: _, sealedExtras: __, shownExtras: ___, ...subscription } = storedDocuments.subscription
/** A patch is merged with a subscription that has no lists of its own. */
const bare = { subscriptions: { ...fakeStores().subscriptions, get: async () => subscription } }
const sample = eventTypes.find(({ type }) => type === 'visit.checked_in')?.sample

/** Puts the value of an edge into a body that is valid otherwise. */
const completed = (id: string, value: unknown): unknown => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const given = value as Readonly<Record<string, unknown>>
  if (id === 'postEvent' && given['type'] === 'a')
    return { ...given, type: 'visit.checked_in', ...(typeof given['data'] === 'object' && { data: sample }) }
  if (id === 'createSubscription' && Array.isArray(given['eventTypes']) && given['eventTypes'].join(' ') === 'a')
    return { ...given, eventTypes: ['*'] }
  if (id === 'startReplay' && given['to'] === given['from']) return { ...given, to: '2026-03-02T00:00:00Z' }
  if (
    id === 'createToken' &&
    given['expiresAt'] !== undefined &&
    given['expiresAt'] !== '1 March' &&
    given['expiresAt'] !== 7
  )
    return { ...given, expiresAt: '2027-01-01T00:00:00Z' }
  if (id === 'putRetention')
    return { payloadDays: 1, ...(typeof given['payloadDays'] === 'number' && { logDays: 365 }), ...given }
  return value
}

test('each limit that the description of a request names is enforced, and nothing inside of it is refused', async t => {
  const call = await wholeCalls(deps => serveApi(t, deps))
  let tried = 0
  for (const { id, body } of declaredOperations) {
    if (body === undefined || id === 'postEvents') continue
    for (const { at, value, isValid } of edgesOf(body.shown ?? body.schema)) {
      if (isValid && refusedByRule.test(at)) continue
      const { status, body: answer } = await call(id, { body: completed(id, value) }, bare)
      tried += 1
      const where = `${id} ${at}: ${JSON.stringify(value).slice(0, 200)} got ${status} ${JSON.stringify(answer).slice(0, 300)}`
      if (isValid) t.true(status < 300 || (answer as { code: string }).code !== 'invalid_request', where)
      else t.is(status, 400, where)
    }
  }
  t.true(tried > 150, `${tried} values`)
})

test('each limit of a query is enforced, and nothing inside of it is refused', async t => {
  const call = await wholeCalls(deps => serveApi(t, deps))
  const inText = ({ value, at }: Edge) => (at.includes('type') ? null : String(value))
  let tried = 0
  for (const { id, query } of declaredOperations) {
    if (query === undefined || id === 'followDeliveries') continue
    for (const one of edgesOf(query)) {
      const [, name = ''] = /^\/(\w+) /.exec(one.at) ?? []
      const text = inText({ ...one, value: (one.value as Readonly<Record<string, unknown>>)[name] })
      if (name === '' || name === 'cursor' || text === null || text === '') continue
      if (one.isValid && (id === 'listEvents' || name === 'waitMs')) continue
      const { status } = await call(id, { query: `?${new URLSearchParams({ [name]: text }).toString()}` })
      tried += 1
      t.is(status, one.isValid ? 200 : 400, `${id} ${one.at}: ${text.slice(0, 100)}`)
    }
  }
  t.true(tried > 40, `${tried} values`)
})
