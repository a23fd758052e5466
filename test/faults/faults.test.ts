import test from 'ava'
import { processScenarios } from './processes.ts'
import { receiverScenarios } from './receivers.ts'
import type { Scenario } from './scenario.ts'
import { streamFull } from './stream-full.ts'

/**
 * The short form of `npm run test:faults`: what needs no cluster and no other test brings about (killed services and workers: test/operations;
 * broken answers: src/egress). On servers of its own, one after the other: they share two cores.
 */
const scenarios: readonly Scenario[] = [...processScenarios, ...receiverScenarios, streamFull]

for (const { fault, expectation, short, run } of scenarios)
  if (short !== null)
    test.serial(`${fault}: ${expectation}`, async t => {
      t.timeout(180_000)
      t.log(JSON.stringify(await run(short)))
      t.pass()
    })
