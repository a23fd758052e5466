/**
 * `npm run bench` runs all benchmarks, `npm run bench -- burst` one. Each prints a table and writes JSON to bench/results/.
 * `npm run bench -- burst --against <checkout>` compares this code with another checkout of it instead.
 */
import { parseArgs } from 'node:util'
import { burst } from './burst.ts'
import { burstAgainst } from './burst-against.ts'
import { drain } from './drain.ts'
import { fanOut } from './fan-out.ts'
import { growth } from './growth.ts'
import { idle } from './idle.ts'
import { isolation } from './isolation.ts'
import { names } from './names.ts'
import { recovery } from './recovery.ts'
import { subscriptions } from './subscriptions.ts'
import { profile } from './profile.ts'
import { workers } from './workers.ts'

const benchmarks = {
  burst,
  idle,
  'fan-out': fanOut,
  isolation,
  names,
  workers,
  subscriptions,
  recovery,
  drain,
  growth,
  profile,
} as const

const { values, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: { against: { type: 'string' }, rounds: { type: 'string', default: '5' } },
})
const unknown = wanted.filter(name => !(name in benchmarks))
if (unknown.length > 0) {
  process.stderr.write(
    `There is no benchmark ${unknown.join(', ')}. There are: ${Object.keys(benchmarks).join(', ')}\n`,
  )
  process.exit(1)
}
if (values.against !== undefined) await burstAgainst(values.against, Number(values.rounds))
else for (const [name, run] of Object.entries(benchmarks)) if (wanted.length === 0 || wanted.includes(name)) await run()
