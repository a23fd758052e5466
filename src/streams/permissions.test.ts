import test from 'ava'
import { errors } from 'nats'
import { createPermissions } from './permissions.ts'

const violation = (subject: string) =>
  new errors.PermissionViolationError(`Permissions Violation for Publish to "${subject}"`, 'publish', subject)

test('a pull that NATS refuses is named for two minutes after it was refused last, and no event is accepted', async t => {
  let now = 0
  const { note, requirement } = createPermissions(() => now)
  const found = async () =>
    (await requirement.check()).map(({ object, outcome, refusesEvents }) => `${object} ${outcome} ${refusesEvents}`)
  t.deepEqual(await found(), [])
  t.true(note(violation('$JS.API.CONSUMER.MSG.NEXT.VISITS.partition-3')))
  t.false(note(violation('$JS.API.CONSUMER.MSG.NEXT.VISITS.partition-4')))
  now = 60_000
  t.true(note(violation('visits_wake.sub_1')))
  t.false(note(new Error('another fault of the connection')))
  const [pull, wake] = [
    'permission for $JS.API.CONSUMER.MSG.NEXT.VISITS.* broken true',
    'permission for visits_wake.* broken false',
  ]
  t.deepEqual(await found(), [pull, wake])
  now = 120_000
  t.deepEqual(await found(), [pull, wake])
  now = 120_001
  t.deepEqual(await found(), [wake])
  t.true(note(violation('$JS.API.CONSUMER.MSG.NEXT.VISITS.partition-3')))
  t.regex((await requirement.check())[1]?.remedy ?? '', /deploy\/nats\/user\.conf/)
})
