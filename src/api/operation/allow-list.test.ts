import test from 'ava'
import type { AuditEntry } from '../../domain/audit.ts'
import type { Subscription } from '../../domain/subscription.ts'
import { declaredOperations, pathOf } from '../../../test/support/declared-operations.ts'
import { fakeStores } from '../../../test/support/fake-stores.ts'
import { serveApi } from '../../../test/support/serve-api.ts'
import { storedDocuments } from '../../../test/support/stored-documents.ts'

const leak = 'leak-4711'
/** Maps whose names belong to customers, and contents that are published as they are. */
const open: ReadonlySet<string> = new Set(['data', 'filter', 'headers', 'before', 'after'])

/** A stored value to which a later version of Doorbell has added a field, at every depth. */
const grown = <T>(value: T): T => {
  if (Array.isArray(value)) return value.map(grown) as T
  if (typeof value !== 'object' || value === null) return value
  const fields = Object.entries(value).map(([name, inner]) => [name, open.has(name) ? inner : grown(inner)] as const)
  return { ...Object.fromEntries(fields), internalNote: leak } as T
}

/** What no answer shows, of the fields that documents have today. */
const hidden = [leak, 'sealed', 'hash-of-the-token', 'a-4711', 't-4711', '"body"', '"replayId"', 'visitor-81"']

test('a field that is added to a stored document appears in no answer, in no audit entry and in no change', async t => {
  const written: AuditEntry[] = []
  const replaced: Subscription[] = []
  const stores = fakeStores(grown(storedDocuments))
  const { call } = await serveApi(t, {
    ...stores,
    audit: {
      ...stores.audit,
      begin: async begun => void written.push(begun),
      end: async ended => void written.push(ended),
    },
    subscriptions: { ...stores.subscriptions, replace: async changed => (replaced.push(changed), true) },
    accept: async event => grown({ id: event.id, duplicate: false }),
  })
  const operations = declaredOperations
  for (const operation of operations) {
    const address = pathOf(operation, { tenant: 'acme', code: 'not_found', id: 'event-1', visitorId: 'visitor-81' })
    const body = operation.body && (operation.body.example ?? {})
    const answer = await call(operation.method.toUpperCase(), address, body)
    t.true(answer.status < 300, `${operation.id}: ${JSON.stringify(answer.body)}`)
    if (operation.access === 'open') continue
    const text = JSON.stringify(answer.body)
    for (const each of hidden) t.false(text.includes(each), `${operation.id} shows ${each}: ${text}`)
  }
  t.true(operations.length > 35)
  t.true(written.length > 20)
  t.false(JSON.stringify(written).includes(leak))
  t.true(replaced.length > 3)
  // The field stays where it is stored.
  t.true(replaced.every(changed => 'internalNote' in changed))
})
