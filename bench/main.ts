/** `npm run bench`: all benchmarks; `npm run bench -- burst` for one. Each prints a table and writes JSON to bench/results/. */
import { burst } from './burst.ts'
import { drain } from './drain.ts'
import { fanOut } from './fan-out.ts'
import { growth } from './growth.ts'
import { idle } from './idle.ts'
import { isolation } from './isolation.ts'
import { recovery } from './recovery.ts'
import { subscriptions } from './subscriptions.ts'
import { profile } from './profile.ts'
import { workers } from './workers.ts'

const benchmarks = {
  burst,
  idle,
  'fan-out': fanOut,
  isolation,
  workers,
  subscriptions,
  recovery,
  drain,
  growth,
  profile,
} as const

const wanted = process.argv.slice(2)
const unknown = wanted.filter(name => !(name in benchmarks))
if (unknown.length > 0) {
  process.stderr.write(
    `There is no benchmark ${unknown.join(', ')}. There are: ${Object.keys(benchmarks).join(', ')}\n`,
  )
  process.exit(1)
}
for (const [name, run] of Object.entries(benchmarks)) if (wanted.length === 0 || wanted.includes(name)) await run()
