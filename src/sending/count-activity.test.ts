import { mock } from 'node:test'
import test from 'ava'
import { aDelivery } from '../../test/support/supervised-values.ts'
import type { ActivityMinute } from '../domain/activity.ts'
import { countActivity } from './count-activity.ts'

const minute = 1_800_000_000_000
const settled = () => new Promise<void>(resolve => setImmediate(resolve))

test.serial.before(() => mock.timers.enable({ apis: ['Date', 'setInterval'], now: minute + 59_000 }))
test.serial.after.always(() => mock.timers.reset())

test.serial('attempts are counted by subscription and minute, stored every 5 s, and the rest at a stop', async t => {
  const stored: (readonly ActivityMinute[])[] = []
  const faults: unknown[][] = []
  let isAway = false
  const activity = countActivity(
    async minutes => {
      if (isAway) throw new Error('away')
      stored.push(minutes)
    },
    (error, againInMs) => faults.push([String(error), againInMs]),
  )
  mock.timers.tick(900)
  const other = aDelivery(2, { subscriptionId: 'sub_2', tenant: 'globex' })
  activity.attempted(aDelivery(1), true, 1)
  activity.attempted(aDelivery(1), false, 1)
  activity.attempted(aDelivery(1), true, 60_000)
  activity.attempted(other, false, 1.3)
  mock.timers.tick(100)
  activity.attempted(aDelivery(1), true, 1)
  mock.timers.tick(3_999)
  await settled()
  t.deepEqual(stored, [])
  mock.timers.tick(1)
  await settled()
  const last = Array.from({ length: 47 }, (_, index) => (index === 0 ? 2 : index === 46 ? 1 : undefined))
  const mine = { tenant: 'acme', subscriptionId: 'sub_1' }
  t.deepEqual(
    JSON.parse(JSON.stringify(stored)),
    JSON.parse(
      JSON.stringify([
        [
          { ...mine, at: minute, attempts: 3, failed: 1, took: last },
          { tenant: 'globex', subscriptionId: 'sub_2', at: minute, attempts: 1, failed: 1, took: [undefined, 1] },
          { ...mine, at: minute + 60_000, attempts: 1, failed: 0, took: [1] },
        ],
      ]),
    ),
  )

  mock.timers.tick(5_000)
  await settled()
  t.is(stored.length, 1, 'nothing to store, nothing is written')

  isAway = true
  activity.attempted(aDelivery(1), true, 1)
  mock.timers.tick(5_000)
  await settled()
  t.deepEqual(faults, [['Error: away', 5_000]])
  isAway = false
  activity.attempted(other, true, 1)
  await activity.stop()
  t.deepEqual(
    stored[1]?.map(({ subscriptionId }) => subscriptionId),
    ['sub_2'],
    'counts that could not be written are dropped',
  )
  activity.attempted(other, true, 1)
  mock.timers.tick(60_000)
  await settled()
  t.is(stored.length, 2, 'a stop ends the writes')
})
