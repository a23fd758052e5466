#!/usr/bin/env node
/** The command `doorbell`, for those who develop a receiver. */
import { listen, listenUsage } from './listen.ts'

const usage = `Usage: doorbell <command>

  listen   forwards a tenant's events to a port of this machine; doorbell listen --help
`

const [command, ...rest] = process.argv.slice(2)
if (command === 'listen') process.exitCode = await listen(rest)
else if (command === undefined || command === '--help' || command === '-h' || command === 'help')
  process.stdout.write(rest[0] === 'listen' ? listenUsage : usage)
else {
  process.stderr.write(`There is no command "${command}".\n\n${usage}`)
  process.exitCode = 2
}
