import test from 'ava'
import { missingIn, neededActions } from './role.ts'

const status = (...privileges: { readonly resource: object; readonly actions: readonly string[] }[]) => ({
  authInfo: { authenticatedUsers: [{ user: 'doorbell' }], authenticatedUserPrivileges: privileges },
})
const everything = { resource: { db: 'doorbell', collection: '' }, actions: neededActions }
const nothing = { always: [], sometimes: [] }

test('a role with every needed action on the database lacks nothing; nor does a server without users, or a superuser', t => {
  t.deepEqual(missingIn(status(everything), 'doorbell'), nothing)
  t.deepEqual(missingIn({ authInfo: { authenticatedUsers: [], authenticatedUserPrivileges: [] } }, 'doorbell'), nothing)
  t.deepEqual(missingIn(status({ resource: { anyResource: true }, actions: ['anyAction'] }), 'doorbell'), nothing)
  t.deepEqual(missingIn(status({ resource: { db: '', collection: '' }, actions: neededActions }), 'doorbell'), nothing)
})

test('actions on another database do not count, and those on several resources add up', t => {
  const elsewhere = { resource: { db: 'other', collection: '' }, actions: neededActions }
  t.deepEqual(missingIn(status(elsewhere), 'doorbell').always.length, 7)
  const without = (...left: string[]) => ({
    ...everything,
    actions: neededActions.filter(each => !left.includes(each)),
  })
  t.deepEqual(missingIn(status(without('update', 'collMod')), 'doorbell'), {
    always: ['update'],
    sometimes: ['collMod'],
  })
  const second = { ...everything, actions: ['collMod'] }
  t.deepEqual(missingIn(status(without('update', 'collMod'), second), 'doorbell'), {
    always: ['update'],
    sometimes: [],
  })
})
