import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { UserError, type Verb } from './command.ts'

const settings = 'The settings are those of the service (npm start -- --help).'

const backupUsage = `Usage: doorbell backup <new folder> [--allow-empty]

Saves the stream and the ledger into a folder that does not exist yet, reads the files back and compares them.

  --allow-empty   saves servers without the stream or without documents, which are refused otherwise

${settings} With NATS_URL and MONGODB_URL, these servers are used, and the service
may run. Otherwise the servers of DOORBELL_DATA_DIR are started for this command, and the service must be stopped.
`

const restoreUsage = `Usage: doorbell restore <folder>

Restores a backup into servers that hold no data of Doorbell, before any process of Doorbell starts.

${settings} With NATS_URL and MONGODB_URL, these servers are used. Otherwise the
servers of DOORBELL_DATA_DIR are started for this command.
`

export const backupVerb: Verb = {
  name: 'backup',
  summary: 'saves the stream and the ledger into a new folder',
  usage: backupUsage,
  run: async args => {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { 'allow-empty': { type: 'boolean', default: false } },
    })
    const folder = folderOf(positionals, backupUsage)
    const { save } = await import('./run-backup.ts')
    await save(folder, values['allow-empty'])
    return 0
  },
}

export const restoreVerb: Verb = {
  name: 'restore',
  summary: 'restores a backup into empty servers',
  usage: restoreUsage,
  run: async args => {
    const { positionals } = parseArgs({ args: [...args], allowPositionals: true })
    const folder = folderOf(positionals, restoreUsage)
    const { restore } = await import('./run-backup.ts')
    await restore(folder)
    return 0
  },
}

const folderOf = (positionals: readonly string[], usage: string): string => {
  const [folder, ...others] = positionals
  if (folder === undefined || others.length > 0) throw new UserError(usage)
  return resolve(folder)
}
