import { readFile } from 'node:fs/promises'
import { spawnSync } from 'node:child_process'
import test from 'ava'
import { noPlant } from './plants/plant.ts'
import { plants } from './plants/plants.ts'
import { createPool } from './runner/pool.ts'
import { describeFault } from './runner/report.ts'
import { shrink } from './runner/shrink.ts'
import type { Order, Verdict } from './runner/verdict.ts'
import { planOf } from './world/plan.ts'

const verdictOf = (order: Order, broken: boolean): Verdict => ({
  seed: order.seed,
  broken: broken ? [{ at: 0, invariant: 'order', text: '', known: null }] : [],
  known: [],
  digest: '',
  virtualMs: 0,
  steps: 0,
  tookMs: 0,
  counts: {},
  faults: planOf('7').faults,
})

test('the same seed gives the same trace, byte for byte, in any process and after any other run', async t => {
  const pool = createPool(1)
  t.teardown(pool.close)
  const first = await pool.run({ seed: '11', withTrace: true })
  await pool.run({ seed: '12' })
  const again = await pool.run({ seed: '11', withTrace: true })
  t.is(again.trace?.join('\n'), first.trace?.join('\n'))
  t.is(again.digest, first.digest)
  t.true((first.trace?.length ?? 0) > 500)
  t.deepEqual(first.broken, [])
  t.true((first.counts['delivered'] ?? 0) > 50)
})

test('a planted fault is found, and its seed without the plant holds', async t => {
  const pool = createPool(1)
  t.teardown(pool.close)
  const { broken } = await pool.run({ seed: '3', plant: 'ack-before-row' })
  t.is(broken[0]?.invariant, 'ack-before-row')
})

test('a plan follows from its seed, and other seeds have other plans', t => {
  t.deepEqual(planOf('7'), planOf('7'))
  t.notDeepEqual(planOf('7').wishes, planOf('8').wishes)
  t.true(planOf('7').faults.length > 1)
})

test('a failing run is shrunk to the faults that it needs', async t => {
  const order = { seed: '7' }
  const needed = [0, planOf('7').faults.length - 1]
  const runs: Order[] = []
  const run = async (tried: Order) => {
    runs.push(tried)
    return verdictOf(
      tried,
      needed.every(index => tried.faults?.includes(index)),
    )
  }
  t.deepEqual(await shrink(verdictOf(order, true), order, run), needed)
  t.true(runs.length < 30)
})

test('every planted fault has a name and a sentence of its own, and changes something', t => {
  t.is(new Set(plants.map(({ name }) => name)).size, plants.length)
  t.true(plants.length >= 10)
  for (const { name, fault, stores, opened, egress } of plants) {
    t.regex(name, /^[a-z-]+$/)
    t.true(fault.length > 20)
    t.true(stores !== noPlant.stores || opened !== noPlant.opened || egress !== noPlant.egress, name)
  }
})

test('the command lists its plants, and refuses what it does not know', t => {
  const sim = (...args: string[]) => spawnSync(process.execPath, ['test/sim/sim.ts', ...args], { encoding: 'utf8' })
  const listed = sim('--plant', 'list')
  t.is(listed.status, 0)
  t.deepEqual(
    listed.stdout
      .trim()
      .split('\n')
      .map(line => line.split(' ')[0]),
    plants.map(({ name }) => name),
  )
  t.is(sim('--plant', 'nonsense').status, 1)
  t.is(sim('--nonsense').status, 2)
})

test('docs/simulation.md names every planted fault', async t => {
  const page = await readFile('docs/simulation.md', 'utf8')
  for (const { name } of plants) t.true(page.includes(`\`${name}\``), name)
})

test('a fault is described in a line', t => {
  const line = describeFault({ at: 15_250, forMs: 3_000, type: 'pause', process: 'worker-1' })
  t.is(line, 'at 15.3 s: pause, process worker-1, for 3 s')
})
