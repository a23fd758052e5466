import { helpText } from '../config/help.ts'
import { loadSettings } from '../config/load.ts'
import { createLog } from '../observability/log.ts'
import { scrape, telemetry } from '../observability/register.ts'
import { complain } from './service/greet.ts'
import { reportCause } from './service/processes.ts'
import { runUntilStopped } from './service/life.ts'
import { startProgram } from './service/program.ts'

/** `npm start`: settings → start → stop. */
const main = async (): Promise<void> => {
  if (process.argv.includes('--help')) return void process.stdout.write(`${helpText()}\n`)
  const settings = loadSettings(process.env)
  const log = createLog(settings.logLevel)
  telemetry.reportTo(log)
  return runUntilStopped(log, (running, stop) => startProgram({ settings, log, telemetry, scrape, stop }, running))
}

main().catch((error: unknown) => {
  complain(error)
  reportCause(error, process)
  process.exit(1)
})
