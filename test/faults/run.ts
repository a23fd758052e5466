/**
 * `npm run test:faults`: brings each fault about while events flow, and checks that nothing is lost. `-- name …` runs some, `-- --short`
 * with few events. The full run writes docs/faults.md.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { networkScenarios } from './network.ts'
import { page } from './page.ts'
import { powerCut } from './power-cut.ts'
import { processScenarios } from './processes.ts'
import { receiverScenarios } from './receivers.ts'
import type { Outcome, Scenario } from './scenario.ts'
import { streamFull } from './stream-full.ts'

const scenarios: readonly Scenario[] = [
  ...processScenarios,
  ...networkScenarios,
  ...receiverScenarios,
  streamFull,
  powerCut,
]

const args = process.argv.slice(2)
const short = args.includes('--short')
const names = args.filter(arg => !arg.startsWith('--'))
const unknown = names.filter(name => !scenarios.some(scenario => scenario.name === name))
if (unknown.length > 0) {
  process.stderr.write(
    `There is no ${unknown.join(', ')}. There are: ${scenarios.map(({ name }) => name).join(', ')}\n`,
  )
  process.exit(1)
}

const one = async (scenario: Scenario): Promise<Outcome> => {
  const count = short ? (scenario.short ?? 300) : scenario.full
  const missing = (await scenario.missing?.()) ?? null
  if (missing !== null) return { count, figures: null, fault: missing, result: 'left out' }
  process.stdout.write(`\n${scenario.name}: ${scenario.fault}\n`)
  try {
    const figures = await scenario.run(count)
    console.table([figures])
    return { count, figures, fault: null, result: 'held' }
  } catch (error) {
    const fault = error instanceof Error ? error.message : String(error)
    process.stdout.write(`FAILED: ${fault}\n`)
    return { count, figures: null, fault: forPage(fault), result: 'FAILED' }
  }
}

/** The rest, a process's output with paths of this machine, stands in the terminal. */
const forPage = (fault: string): string => {
  const [line = ''] = fault.split(/\n|: \{"level"/)
  return line.slice(0, 300).replaceAll('|', '/')
}

/** What the page was made of: a run of some scenarios replaces their lines and leaves the others'. */
const resultsFile = join(import.meta.dirname, 'results.json')
const known = JSON.parse(await readFile(resultsFile, 'utf8').catch(() => '{}')) as Record<string, Outcome>

const outcomes: Record<string, Outcome> = {}
for (const scenario of scenarios)
  if (names.length === 0 || names.includes(scenario.name)) {
    outcomes[scenario.name] = await one(scenario)
    if (short) continue
    const all = { ...known, ...outcomes }
    await writeFile(resultsFile, `${JSON.stringify(all, null, 2)}\n`)
    await writeFile(join(import.meta.dirname, '../../docs/faults.md'), page(scenarios, all))
  }
for (const [name, { result, fault }] of Object.entries(outcomes))
  process.stdout.write(`${result.padEnd(9)} ${name}${fault === null ? '' : `: ${fault}`}\n`)
process.exit(Object.values(outcomes).some(({ result }) => result === 'FAILED') ? 1 : 0)
