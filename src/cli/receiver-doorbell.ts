#!/usr/bin/env node
/** The command `doorbell` of the receivers' package. */
import { runCommand } from './command.ts'
import { listenVerb } from './listen/listen.ts'

process.exitCode = await runCommand([listenVerb], process.argv.slice(2))
