import test from 'ava'
import fc from 'fast-check'
import { type Course, runWorld } from '../../test/support/supervisor-world.ts'

const courses = (ordering: 'none' | 'visit'): fc.Arbitrary<Course> =>
  fc.record({
    settings: fc.record(
      {
        ordering: fc.constant(ordering),
        maxInFlight: fc.integer({ min: 1, max: 4 }),
        ratePerSecond: fc.constantFrom(0.5, 10),
        expiresAfterMs: fc.constant(25_000),
      },
      { requiredKeys: ['ordering', 'maxInFlight'] },
    ),
    visits: fc.array(fc.nat(3), { minLength: 1, maxLength: 25 }),
    choices: fc.array(fc.nat(100_000), { minLength: 20, maxLength: 400 }),
  })

/**
 * A course mixes offers, answers, writes and pulls in every order with pauses, changes of settings, cancelled and resent rows, faults, drains,
 * takeovers and the deletion of the subscription.
 */
for (const [ordering, title] of [
  ['none', 'each event is delivered or ended once, posted only while that is allowed, and none is left behind'],
  ['visit', 'no event overtakes an earlier one of its visit, and none is left behind'],
] as const)
  test(`whatever happens to a subscription, ${title}`, t => {
    fc.assert(
      fc.property(courses(ordering), course => {
        const faults = runWorld(course)
        if (faults.length > 0) throw new Error(faults.slice(0, 5).join('\n'))
      }),
      // The same courses each time: a run of the suite must not depend on chance.
      { numRuns: 1_000, seed: 24 },
    )
    t.pass()
  })
