import assert from 'node:assert/strict'
import { type Figures, longestSilenceS, type Scenario, underWay, verified, wait } from './scenario.ts'
import { setStage, type Stage, type StageOptions } from './stage.ts'

const maxInFlight = 64

/** Posts events, causes the fault when a third has arrived, and verifies that everything settles once it is over. */
const during = async (
  count: number,
  options: StageOptions,
  fault: (stage: Stage) => Promise<number>,
  start: (stage: Stage) => Promise<unknown> = stage => stage.start(),
): Promise<Figures> => {
  const stage = await setStage(options)
  try {
    await start(stage)
    await stage.subscribe({ maxInFlight })
    const posting = stage.post(count)
    await stage.receiver.count(Math.floor(count / 3))
    const brokenAt = Date.now()
    const healedAt = await fault(stage)
    const duringFault = [...stage.accepted.values()].filter(moment => moment >= brokenAt && moment < healedAt).length
    const { refused } = await posting
    await stage.settled(count)
    const figures = await verified(stage, { accepted: count, mostDoubled: underWay(maxInFlight), healedAt })
    return {
      ...figures,
      refused,
      'accepted during the fault': duringFault,
      'longest silence, s': longestSilenceS(stage, healedAt),
    }
  } finally {
    await stage.stop()
  }
}

/** Kills a server and restarts it after this time; returns when it was up again. */
const restarted = async (
  server: { kill(): Promise<void>; start(): Promise<void> },
  afterMs: number,
): Promise<number> => {
  await server.kill()
  await wait(afterMs)
  await server.start()
  return Date.now()
}

const first = <T>(values: readonly T[]): T => {
  const [value] = values
  if (value === undefined) throw new Error('there is none')
  return value
}

/** Doorbell's and its servers' processes are killed. */
export const processScenarios: readonly Scenario[] = [
  {
    name: 'worker-killed',
    fault: 'kill -9 of the service (api and worker), started again 2 s later',
    expectation: 'none lost, at most what was under way doubled, the slowest within 15 s of the restart',
    full: 5_000,
    short: null,
    run: async count => {
      const figures = await during(
        count,
        {},
        async stage => {
          const [service] = started
          service?.child.kill('SIGKILL')
          await service?.ended
          await wait(2_000)
          started = [await stage.start()]
          return Date.now()
        },
        async stage => {
          started = [await stage.start()]
        },
      )
      assert.ok(Number(figures['slowest after healing, s']) <= 15, JSON.stringify(figures))
      return figures
    },
  },
  {
    name: 'one-of-two-workers',
    fault: 'kill -9 of one of two worker processes, while the API keeps running',
    expectation: 'none lost, at most what was under way doubled, the other has its partitions within 10 s',
    full: 10_000,
    short: null,
    run: async count => {
      const figures = await during(
        count,
        {},
        async () => {
          const [, one, other] = started
          // The one that used more CPU has the tenant's partition.
          const busy = await busier(one?.child.pid ?? 0, other?.child.pid ?? 0)
          const victim = one?.child.pid === busy ? one : other
          victim?.child.kill('SIGKILL')
          await victim?.ended
          return Date.now()
        },
        async stage => {
          started = [await stage.start('api'), await stage.start('worker'), await stage.start('worker')]
        },
      )
      assert.ok(Number(figures['longest silence, s']) <= 10, JSON.stringify(figures))
      return figures
    },
  },
  {
    name: 'nats-killed',
    fault: 'kill -9 of nats-server (one node, sync always), started again 2 s later',
    expectation: 'the API answers 503 while NATS is down; none lost, no attempt burned',
    full: 10_000,
    short: 500,
    run: count => during(count, {}, ({ nats }) => restarted(first(nats.nodes), 2_000)),
  },
  {
    name: 'nats-leader-killed',
    fault: 'kill -9 of the stream’s leader in a NATS cluster of three, started again 5 s later',
    expectation: 'none lost, no attempt burned',
    full: 10_000,
    short: null,
    run: count => during(count, { nodes: 3 }, async ({ nats }) => restarted(await nats.leaderOf('VISITS'), 5_000)),
  },
  {
    name: 'mongod-killed',
    fault: 'kill -9 of mongod (one node), started again 2 s later',
    expectation: 'what is accepted while MongoDB is down waits in the stream; none lost, no attempt burned',
    full: 10_000,
    short: 500,
    run: count => during(count, {}, ({ mongo }) => restarted(first(mongo.nodes), 2_000)),
  },
  {
    name: 'primary-killed',
    fault: 'kill -9 of the primary of a replica set of three, started again 5 s later',
    expectation: 'none lost, no attempt burned',
    full: 10_000,
    short: null,
    run: count => during(count, { nodes: 3 }, async ({ mongo }) => restarted(await mongo.primary(), 5_000)),
  },
]

/** Of the scenario that runs: they run one after the other. */
let started: Awaited<ReturnType<Stage['start']>>[] = []

const busier = async (a: number, b: number): Promise<number> => {
  const { cpuMs } = await import('../../bench/processes.ts')
  return (await cpuMs(a)) > (await cpuMs(b)) ? a : b
}
