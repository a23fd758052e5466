import { constants } from 'node:fs'
import { copyFile, mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { loadSettings } from '../../config/load.ts'
import { Failure } from '../domain/failure.ts'
import { openDataFolder } from '../embedded/data-folder.ts'
import { startEmbedded } from '../embedded/embedded.ts'
import { streamNames } from '../streams/names.ts'
import { type Manifest, type Place, restoreBackup, saveBackup } from './backup.ts'

/**
 * `npm run backup -- <folder>` and `npm run restore -- <folder>`, with the service's own settings: of its servers while it runs, or of the
 * data folder of an embedded one while it is stopped.
 */
const say = (line: string): void => void process.stderr.write(`${line}\n`)

const [verb, name] = process.argv.slice(2)
const work = verb === 'restore' ? restoreBackup : saveBackup
/** An embedded service has made these itself; without the key no secret of the ledger can be read. */
const ownFiles = ['admin-token', 'encryption-key']

const main = async (): Promise<void> => {
  if (name === undefined || (verb !== 'save' && verb !== 'restore'))
    throw new Failure('invalid_request', 'Usage: npm run backup -- <new folder>, or npm run restore -- <folder>')
  const folder = resolve(name)
  const { natsUrl, mongodbUrl, dataDir } = loadSettings(process.env)
  const place = { stream: streamNames.stream, database: 'doorbell' }
  tell(
    natsUrl !== null && mongodbUrl !== null
      ? await work({ ...place, natsUrl, mongodbUrl }, folder)
      : await embedded(dataDir, { natsUrl, mongodbUrl }, folder, servers => work({ ...place, ...servers }, folder)),
  )
}

/** The data folder's servers run for this alone. */
const embedded = async (
  dataDir: string,
  named: { readonly natsUrl: string | null; readonly mongodbUrl: string | null },
  folder: string,
  run: (servers: Pick<Place, 'natsUrl' | 'mongodbUrl'>) => Promise<Manifest>,
): Promise<Manifest> => {
  if (verb === 'restore') for (const file of ownFiles) await copyOwn(join(folder, file), dataDir, file)
  const data = await openDataFolder(dataDir)
  const servers = await startEmbedded({
    dataDir: data.path,
    sync: 'always',
    nats: named.natsUrl === null,
    mongodb: named.mongodbUrl === null,
    progress: say,
    onExit: (server, detail) => say(`${server} ended: ${detail}`),
  })
  try {
    const manifest = await run({
      natsUrl: named.natsUrl ?? servers.natsUrl ?? '',
      mongodbUrl: named.mongodbUrl ?? servers.mongodbUrl ?? '',
    })
    if (verb === 'save') for (const file of ownFiles) await copyFile(join(data.path, file), join(folder, file))
    return manifest
  } finally {
    await servers.stop()
    await data.release()
  }
}

const tell = ({ begunAt, stream, collections }: Manifest): void => {
  const { messages = 0 } = (stream?.state ?? {}) as { messages?: number }
  const documents = Object.values(collections).reduce((sum, count) => sum + count, 0)
  say(`${verb === 'save' ? 'saved' : 'restored'} ${messages} events and ${documents} documents as of ${begunAt}`)
}

/** Into a data folder that has none of its own; a backup of a service with servers of its own has none to give. */
const copyOwn = async (from: string, dataDir: string, file: string): Promise<void> => {
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  await copyFile(from, join(dataDir, file), constants.COPYFILE_EXCL).catch((error: unknown) => {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return
    throw new Failure('conflict', `${dataDir} has data of its own: restore into a new folder (DOORBELL_DATA_DIR).`, {
      cause: error,
    })
  })
}

main().catch((error: unknown) => {
  say(error instanceof Failure ? error.message : String(error instanceof Error ? error.stack : error))
  process.exitCode = 1
})
