import { constants } from 'node:fs'
import { copyFile, mkdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { loadSettings } from '../../config/load.ts'
import type { Settings } from '../../config/settings.ts'
import { type Manifest, type Place, checkBackup, restoreBackup, saveBackup } from '../backup/backup.ts'
import { Failure } from '../domain/failure.ts'
import { existingDataFolder, openDataFolder } from '../embedded/data-folder.ts'
import { startEmbedded } from '../embedded/embedded.ts'
import { streamNames } from '../streams/names.ts'

type Servers = Pick<Place, 'natsUrl' | 'mongodbUrl'>

const place = { stream: streamNames.stream, database: 'doorbell' }
/** An embedded service has generated these itself. Without the key, no secret of the ledger can be decrypted. */
const ownFiles = ['admin-token', 'encryption-key']

export const save = async (folder: string, allowEmpty: boolean): Promise<void> => {
  const settings = loadSettings(process.env)
  if (isEmbedded(settings)) await existingDataFolder(settings.dataDir)
  const alongside = isEmbedded(settings) ? await readOwnFiles(settings.dataDir) : {}
  const saveFrom = (servers: Servers) => saveBackup({ ...place, ...servers }, folder, { allowEmpty, alongside })
  report('saved', await onServers(settings, saveFrom), `in ${folder}`)
}

export const restore = async (folder: string): Promise<void> => {
  const settings = loadSettings(process.env)
  // Before it can leave a data folder behind.
  const manifest = await checkBackup(folder)
  if (isEmbedded(settings)) for (const file of ownFiles) await copyToEmpty(join(folder, file), settings.dataDir, file)
  await onServers(settings, servers => restoreBackup({ ...place, ...servers }, folder, manifest))
  report('restored', manifest, isEmbedded(settings) ? `into ${resolve(settings.dataDir)}` : `into ${place.database}`)
}

const readOwnFiles = async (dataDir: string): Promise<Record<string, Uint8Array>> =>
  Object.fromEntries(
    await Promise.all(ownFiles.map(async file => [file, await readFile(join(dataDir, file))] as const)),
  )

const isEmbedded = ({ natsUrl, mongodbUrl }: Settings): boolean => natsUrl === null || mongodbUrl === null

/** Works on the servers that the settings name, or starts those of the data folder for this work only. */
const onServers = async <T>(settings: Settings, work: (servers: Servers) => Promise<T>): Promise<T> => {
  const { natsUrl, mongodbUrl, dataDir } = settings
  if (natsUrl !== null && mongodbUrl !== null) return work({ natsUrl, mongodbUrl })
  const data = await openDataFolder(dataDir)
  const servers = await startEmbedded({
    dataDir: data.path,
    sync: 'always',
    nats: natsUrl === null,
    mongodb: mongodbUrl === null,
    progress: print,
    onExit: (server, detail) => print(`${server} ended: ${detail}`),
  })
  try {
    return await work({
      natsUrl: natsUrl ?? servers.natsUrl ?? '',
      mongodbUrl: mongodbUrl ?? servers.mongodbUrl ?? '',
    })
  } finally {
    await servers.stop()
    await data.release()
  }
}

/** Copies into a data folder that has no such file. A backup of named servers has none to copy. */
const copyToEmpty = async (from: string, dataDir: string, file: string): Promise<void> => {
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  await copyFile(from, join(dataDir, file), constants.COPYFILE_EXCL).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw new Failure('conflict', `${dataDir} has its own data: restore into a new folder (DOORBELL_DATA_DIR).`, {
      cause: error,
    })
  })
}

const report = (what: 'saved' | 'restored', { begunAt, stream, collections }: Manifest, where: string): void => {
  const { messages = 0 } = (stream?.state ?? {}) as { messages?: number }
  const events = stream?.events ?? messages
  const documents = Object.values(collections).reduce((sum, count) => sum + count, 0)
  print(`${what} ${events} events and ${documents} documents as of ${begunAt} ${where}`)
}

const print = (line: string): void => void process.stderr.write(`${line}\n`)
