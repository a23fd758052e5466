import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { UserError, type Verb } from './command.ts'

const settings = 'The settings are those of the service (npm start -- --help).'

const backupUsage = `Usage: doorbell backup <new folder>

Saves the stream and the ledger into a folder that does not exist yet.

${settings} With NATS_URL and MONGODB_URL, these servers are used, and the service
may run. Otherwise the servers of DOORBELL_DATA_DIR are started for this command, and the service must be stopped.
`

const restoreUsage = `Usage: doorbell restore <folder>

Restores a backup into servers that hold no data of Doorbell, before any process of Doorbell starts.

${settings} With NATS_URL and MONGODB_URL, these servers are used. Otherwise the
servers of DOORBELL_DATA_DIR are started for this command.
`

/** A verb whose only argument is the folder of the backup. */
const folderVerb = (name: 'backup' | 'restore', summary: string, usage: string): Verb => ({
  name,
  summary,
  usage,
  run: async args => {
    const folder = folderOf(args, usage)
    const { save, restore } = await import('./run-backup.ts')
    await { backup: save, restore }[name](folder)
    return 0
  },
})

export const backupVerb = folderVerb('backup', 'saves the stream and the ledger into a new folder', backupUsage)
export const restoreVerb = folderVerb('restore', 'restores a backup into empty servers', restoreUsage)

const folderOf = (args: readonly string[], usage: string): string => {
  const { positionals } = parseArgs({ args: [...args], allowPositionals: true })
  const [folder, ...others] = positionals
  if (folder === undefined || others.length > 0) throw new UserError(usage)
  return resolve(folder)
}
