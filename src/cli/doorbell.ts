/** `npm run doorbell -- <verb>`: what operators and developers run beside the service. */
import { backupVerb, restoreVerb } from './backup.ts'
import { runCommand, type Verb } from './command.ts'
import { keysVerb } from './keys.ts'
import { listenVerb } from './listen/listen.ts'

/** The image leaves tools/ out, and has the operators' verbs only. */
const developerVerbs = async (): Promise<readonly Verb[]> => {
  try {
    return (await import('../../tools/verbs.ts')).developerVerbs
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND') return []
    throw error
  }
}

const args = process.argv.slice(2)
const script = process.env['npm_lifecycle_event']
// Each of the former scripts has the name of its verb.
if (script !== undefined && script === args[0])
  process.stderr.write(`"npm run ${script}" is now "npm run doorbell -- ${script}"\n`)

const verbs = [keysVerb, listenVerb, backupVerb, restoreVerb, ...(await developerVerbs())]
process.exitCode = await runCommand(verbs, args)
