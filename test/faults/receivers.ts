import assert from 'node:assert/strict'
import { type Scenario, verified, wait } from './scenario.ts'
import type { Treatment } from './receiver.ts'
import { setStage } from './stage.ts'

const retry = { delaysMs: [500, 1_000, 2_000, 5_000, 10_000, 20_000] }

/** Every third event is treated badly at its first attempt. */
const badlyAtFirst = async (count: number, treatment: Treatment, mostDoubled: number) => {
  const stage = await setStage()
  try {
    await stage.start()
    await stage.subscribe({ retry, timeoutMs: 2_000 })
    stage.receiver.treat((id, attempt) => (Number(id.slice(4)) % 3 === 0 && attempt === 1 ? treatment : 'take'))
    await stage.post(count)
    await stage.settled(count)
    return await verified(stage, { accepted: count, mostDoubled, failures: true })
  } finally {
    await stage.stop()
  }
}

const bad = (
  name: string,
  fault: string,
  treatment: Treatment,
  expectation: string,
  short: number | null = 90,
): Scenario => ({
  name,
  fault: `every third event: the receiver ${fault}`,
  expectation,
  full: 3_000,
  short,
  run: async count => {
    const figures = await badlyAtFirst(count, treatment, 0)
    const taken = typeof treatment === 'object' && treatment.taken
    const failed = Number(figures['failed attempts'])
    assert.equal(failed, taken ? 0 : Math.ceil(count / 3), JSON.stringify(figures))
    return figures
  },
})

/** Receivers that die, lie and dawdle. */
export const receiverScenarios: readonly Scenario[] = [
  {
    name: 'receiver-dies',
    fault: 'the receiver’s port is closed for 6 s in the middle, then open again',
    expectation: 'the circuit opens and holds the rest; all delivered after it closes, held events burn no attempt',
    full: 10_000,
    short: null,
    run: async count => {
      const stage = await setStage()
      try {
        await stage.start()
        await stage.subscribe({ retry })
        const posting = stage.post(count)
        await stage.receiver.count(Math.floor(count / 3))
        await stage.receiver.die()
        await wait(6_000)
        await stage.receiver.returnToLife()
        const healedAt = Date.now()
        await posting
        await stage.settled(count)
        const figures = await verified(stage, { accepted: count, mostDoubled: 64, failures: true, healedAt })
        assert.ok(
          Number(figures['failed attempts']) < 200,
          `the circuit stopped the attempts: ${JSON.stringify(figures)}`,
        )
        return figures
      } finally {
        await stage.stop()
      }
    },
  },
  bad(
    'garbage',
    'answers something that is no HTTP',
    { raw: 'what?\r\n\r\n', taken: false },
    'a failed attempt each, delivered at the next',
    null,
  ),
  bad(
    'closes-mid-body-500',
    'closes in the middle of the body of a 500',
    { raw: 'HTTP/1.1 500 Oops\r\ncontent-length: 100\r\n\r\nabc', taken: false },
    'a failed attempt each, delivered at the next',
  ),
  bad(
    'closes-mid-body-200',
    'closes in the middle of the body of a 200',
    { raw: 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nabc', taken: true },
    'delivered: the status was given; nothing is sent twice',
  ),
  bad(
    'drips',
    'sends a byte of its answer’s head each second',
    { raw: 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n', dripMs: 1_000, taken: false },
    'a timeout each, delivered at a later attempt; the slots they hold do not stop the others',
    null,
  ),
]
