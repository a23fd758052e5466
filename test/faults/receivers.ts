import assert from 'node:assert/strict'
import { type Scenario, verified, wait } from './scenario.ts'
import type { Treatment } from './receiver.ts'
import { setStage } from './stage.ts'

const retry = { delaysMs: [500, 1_000, 2_000, 5_000, 10_000, 20_000] }

/** Runs a scenario whose receiver misbehaves at the first attempt of every `every`-th event. */
const badlyAtFirst = async (count: number, every: number, treatment: Treatment) => {
  const stage = await setStage()
  try {
    await stage.start()
    await stage.subscribe({ retry, timeoutMs: 2_000 })
    stage.receiver.treat((id, attempt) => (Number(id.slice(4)) % every === 0 && attempt === 1 ? treatment : 'take'))
    await stage.post(count)
    await stage.settled(count)
    return await verified(stage, { accepted: count, mostDoubled: 0, failures: true })
  } finally {
    await stage.stop()
  }
}

interface Bad {
  readonly name: string
  readonly every: number
  /** Completes "the receiver …". */
  readonly does: string
  readonly treatment: Treatment & object
  readonly expectation: string
  readonly short: number | null
}

const bad = ({ name, every, does, treatment, expectation, short }: Bad): Scenario => ({
  name,
  fault: `at the first attempt of every ${every}th event the receiver ${does}`,
  expectation,
  full: 2_000,
  short,
  run: async count => {
    const figures = await badlyAtFirst(count, every, treatment)
    const failed = treatment.taken ? 0 : Math.ceil(count / every)
    assert.equal(figures['failed attempts'], failed, JSON.stringify(figures))
    return figures
  },
})

/** Receivers that go away, answer nonsense, or answer slowly. */
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
  bad({
    name: 'garbage',
    every: 4,
    does: 'answers with bytes that are not HTTP',
    treatment: { raw: 'what?\r\n\r\n', taken: false },
    expectation: 'a failed attempt each, delivered at the next',
    short: null,
  }),
  bad({
    name: 'closes-mid-body-500',
    every: 4,
    does: 'closes in the middle of the body of a 500',
    treatment: { raw: 'HTTP/1.1 500 Oops\r\ncontent-length: 100\r\n\r\nabc', taken: false },
    expectation: 'a failed attempt each, delivered at the next',
    short: null,
  }),
  bad({
    name: 'closes-mid-body-200',
    every: 4,
    does: 'closes in the middle of the body of a 200',
    treatment: { raw: 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nabc', taken: true },
    expectation: 'delivered: the status was given; nothing is sent twice',
    short: null,
  }),
  bad({
    name: 'drips',
    every: 20,
    does: 'sends a byte of its answer’s head each second',
    treatment: { raw: 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n', dripMs: 1_000, taken: false },
    expectation: 'a timeout each, delivered at a later attempt; the slots they hold do not stop the others',
    short: null,
  }),
]
