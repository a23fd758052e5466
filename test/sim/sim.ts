/**
 * `npm run sim`: runs the fleet in deterministic simulation (docs/simulation.md). Exit code 0 only if no promise broke; with `--plant`, only if the
 * planted fault was found.
 */
import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { plantNamed, plants } from './plants/plants.ts'
import { createPool, type Pool } from './runner/pool.ts'
import { describeFault, summaryOf } from './runner/report.ts'
import { shrink } from './runner/shrink.ts'
import type { Order, Verdict } from './runner/verdict.ts'
import failedSeeds from './failed-seeds.json' with { type: 'json' }

const usage = `Usage: npm run sim -- [options]
  --seeds N       run the seeds 1 to N
  --seed S        run one seed, and print its trace
  --faults 0,3    with --seed: only these of its faults
  --seconds T     run new seeds for T seconds, after all seeds that ever failed
  --plant NAME    put a known fault in, and look for it in up to 200 seeds (or --seeds N)
  --plant list    print the faults that can be planted; --plant all looks for each
  --jobs N        processes that run side by side (default: one for each processor)
`

const say = (line: string): void => void process.stdout.write(`${line}\n`)

const readOptions = () => {
  try {
    const text = { type: 'string' } as const
    const options = { seeds: text, seed: text, faults: text, seconds: text, plant: text, jobs: text }
    return parseArgs({ options, args: process.argv.slice(2) }).values
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n${usage}`)
    return process.exit(2)
  }
}

const options = readOptions()
const pool = createPool(options.jobs === undefined ? undefined : Number(options.jobs))

const explain = async (failed: Verdict, order: Order): Promise<void> => {
  const [first] = failed.broken
  say(`\nseed ${failed.seed} breaks ${first?.invariant}: ${first?.text}`)
  const kept = await shrink(failed, order, pool.run)
  say(`  ${kept.length} of its ${failed.faults.length} faults are enough:`)
  for (const index of kept) say(`    ${describeFault(failed.faults[index])}`)
  const plant = order.plant === undefined ? '' : ` --plant ${order.plant}`
  say(`  its trace: npm run sim -- --seed ${failed.seed} --faults ${kept.join()}${plant}`)
}

/** Runs seeds and explains the first three that fail. Returns whether all held. */
const runSeeds = async (orders: Iterator<Order>, until = Infinity): Promise<boolean> => {
  const verdicts: Verdict[] = []
  const startedAt = performance.now()
  await pool.runAll(orders, verdict => {
    verdicts.push(verdict)
    if (verdict.broken.length > 0) say(`seed ${verdict.seed}: ${verdict.broken[0]?.invariant}`)
    return performance.now() < until
  })
  const failed = verdicts.filter(({ broken }) => broken.length > 0)
  for (const each of failed.slice(0, 3)) await explain(each, { seed: each.seed })
  say(summaryOf(verdicts, performance.now() - startedAt))
  return failed.length === 0 && verdicts.length > 0
}

function* seedsUpTo(count: number, plant?: string): Generator<Order> {
  for (let seed = 1; seed <= count; seed += 1) yield { seed: String(seed), ...(plant === undefined ? {} : { plant }) }
}

/** First what failed before, then seeds that nobody has run. */
function* newSeeds(): Generator<Order> {
  for (const { seed } of failedSeeds) yield { seed }
  for (let seed = randomInt(2 ** 40); ; seed += 1) yield { seed: String(seed) }
}

const findPlant = async (name: string, count: number, from: Pool): Promise<boolean> => {
  let found: Verdict | undefined
  let runs = 0
  await from.runAll(seedsUpTo(count, name), verdict => {
    runs += 1
    if (verdict.broken.length > 0) found ??= verdict
    return found === undefined
  })
  const [first] = found?.broken ?? []
  say(
    found === undefined
      ? `${name}: NOT FOUND in ${runs} seeds`
      : `${name}: found by seed ${found.seed} (${runs} run): ${first?.invariant}: ${first?.text}`,
  )
  return found !== undefined
}

const runPlants = async (name: string, count: number): Promise<boolean> => {
  const named = name === 'all' ? plants.map(each => each.name) : [name]
  let all = true
  for (const each of named) all = (await findPlant(each, count, pool)) && all
  return all
}

const runOne = async (seed: string): Promise<boolean> => {
  const { faults, plant } = options
  const order: Order = {
    seed,
    withTrace: true,
    ...(plant === undefined ? {} : { plant }),
    ...(faults === undefined ? {} : { faults: faults.split(',').filter(Boolean).map(Number) }),
  }
  const verdict = await pool.run(order)
  say((verdict.trace ?? []).join('\n'))
  say(`\n${JSON.stringify(verdict.counts)}`)
  for (const { at, invariant, text } of verdict.broken) say(`BROKEN at ${at}: ${invariant}: ${text}`)
  say(`${verdict.broken.length} promises broken, trace ${verdict.digest}`)
  return plant === undefined ? verdict.broken.length === 0 : verdict.broken.length > 0
}

const main = async (): Promise<boolean> => {
  const { seed, seeds, seconds, plant } = options
  if (plant === 'list') {
    for (const { name, fault } of plants) say(`${name.padEnd(26)}${fault}`)
    return true
  }
  if (plant !== undefined && plant !== 'all' && plantNamed(plant) === undefined) {
    process.stderr.write(`There is no plant "${plant}": see --plant list\n`)
    return false
  }
  if (seed !== undefined) return runOne(seed)
  if (plant !== undefined) return runPlants(plant, Number(seeds ?? 200))
  if (seconds !== undefined) return runSeeds(newSeeds(), performance.now() + Number(seconds) * 1_000)
  return runSeeds(seedsUpTo(Number(seeds ?? 20)))
}

const held = await main().finally(pool.close)
process.exitCode = held ? 0 : 1
