import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import test from 'ava'
import { createChance } from './chance.ts'
import { currentOwner, real, runAs, settled, simulateHost, startOfClocks } from './simulated-host.ts'
import { createTimeline, newOwner, type Owner } from './timeline.ts'

const hostOf = (seed = 'seed') => {
  const timeline = createTimeline(startOfClocks)
  const world = newOwner('world')
  const signals: string[] = []
  const host = simulateHost({
    timeline,
    chance: createChance(seed),
    world,
    onSignal: (owner, signal) => void signals.push(`${owner.name} ${signal}`),
  })
  const runUntil = async (ms: number) => {
    for (let task = timeline.next(startOfClocks + ms); task !== null; task = timeline.next(startOfClocks + ms)) {
      const { run } = task
      task.run = null
      if (run !== null) runAs(task.owner, run)
      await settled()
    }
  }
  return { timeline, world, signals, runUntil, [Symbol.dispose]: () => host[Symbol.dispose]() }
}

test.serial('timers of every kind run in the order of their moments, and the clocks show these', async t => {
  using host = hostOf()
  const seen: string[] = []
  const note = (name: string) => seen.push(`${name} ${Date.now() - startOfClocks} ${performance.now()}`)
  setTimeout(() => note('late'), 300)
  const repeated = setInterval(() => note('repeated'), 100)
  setImmediate(() => note('at once'))
  setTimeout(() => clearInterval(repeated), 250)
  clearTimeout(setTimeout(() => note('cancelled'), 10))
  void wait(200).then(() => note('waited'))
  await host.runUntil(1_000)
  t.deepEqual(
    seen,
    ['at once 0 0', 'repeated 100 100', 'waited 200 200', 'repeated 200 200', 'late 300 300'].toSorted(byTime),
  )
  t.is(new Date().getTime() - startOfClocks, 1_000)
  t.true(new Date() instanceof real.Date)
})

const byTime = (one: string, other: string): number => Number(one.split(' ').at(-1)) - Number(other.split(' ').at(-1))

test.serial(
  'a paused process does nothing until it continues, and a killed one nothing at all; its clock is its own',
  async t => {
    using host = hostOf()
    const seen: string[] = []
    const [paused, killed] = [newOwner('paused'), newOwner('killed')]
    paused.skewMs = 60_000
    const work = async (owner: Owner) => {
      for (let round = 1; round <= 3; round += 1) {
        await wait(100)
        seen.push(`${currentOwner().name} ${round} at ${Date.now() - startOfClocks}`)
        if (currentOwner() !== owner) t.fail('the owner was lost over a promise')
      }
    }
    for (const owner of [paused, killed]) runAs(owner, () => void work(owner))
    await host.runUntil(150)
    paused.state = 'paused'
    killed.state = 'ended'
    await host.runUntil(500)
    t.deepEqual(seen, ['paused 1 at 60100', 'killed 1 at 100'])
    host.timeline.resume(paused)
    await host.runUntil(1_000)
    t.deepEqual(seen.slice(2), ['paused 2 at 60500', 'paused 3 at 60600'])
  },
)

test.serial(
  'chance, ids and waits that are aborted follow from the seed, and all is as before when it ends',
  async t => {
    const draw = async (seed: string) => {
      using host = hostOf(seed)
      const stopping = new AbortController()
      const aborted = t.throwsAsync(wait(1_000, undefined, { signal: stopping.signal }), { name: 'AbortError' })
      stopping.abort()
      await aborted
      runAs(newOwner('api-1'), () => process.kill(process.pid, 'SIGTERM'))
      t.deepEqual(host.signals, ['api-1 SIGTERM'])
      return [Math.random(), randomUUID(), crypto.randomUUID()]
    }
    t.deepEqual(await draw('one'), await draw('one'))
    t.notDeepEqual(await draw('one'), await draw('two'))
    t.is(globalThis.setTimeout, real.setTimeout)
    t.is(Math.random, real.random)
    t.true(Math.abs(Date.now() - real.now()) < 1_000)
  },
)
