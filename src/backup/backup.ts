import { createReadStream } from 'node:fs'
import { type FileHandle, mkdir, open, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Failure } from '../domain/failure.ts'
import { restoreDatabase, saveDatabase } from '../ledger/backup.ts'
import { restoreStream, type SavedStream, saveStream } from '../streams/backup.ts'
import { version } from '../../config/version.ts'

/** Where a service keeps its data. */
export interface Place {
  readonly natsUrl: string
  readonly stream: string
  readonly mongodbUrl: string
  readonly database: string
}

/** Describes a backup. Its file is written last: a folder without it is not a complete backup. */
export interface Manifest {
  readonly doorbell: string
  /** RFC 3339. Every event that was accepted before is in the backup. */
  readonly begunAt: string
  readonly stream: SavedStream | null
  /** The number of documents of each collection. */
  readonly collections: Readonly<Record<string, number>>
}

const manifestFile = 'backup.json'
const streamFile = 'stream.tar.s2'

/**
 * Saves the stream and the ledger into a new folder, also while the service runs. The stream is saved first: an event that it reports as
 * acknowledged has its rows in the ledger, which is read later. In the other order an event could be in neither. Throws Failure `conflict`.
 */
export const saveBackup = async (place: Place, folder: string): Promise<Manifest> => {
  await mkdir(folder, { mode: 0o700 }).catch((error: unknown) => {
    throw new Failure('conflict', `The folder ${folder} cannot be created. Choose one that does not exist yet.`, {
      cause: error,
    })
  })
  const begunAt = new Date().toISOString()
  const files = new Map<string, FileHandle>()
  const append = async (name: string, bytes: Uint8Array) => {
    let file = files.get(name)
    if (file === undefined) files.set(name, (file = await open(join(folder, name), 'wx', 0o600)))
    await file.appendFile(bytes)
  }
  try {
    const stream = await saveStream(place.natsUrl, place.stream, chunk => append(streamFile, chunk))
    const database = { url: place.mongodbUrl, database: place.database }
    const collections = await saveDatabase(database, (name, documents) => append(`${name}.bson`, documents))
    for (const file of files.values()) await file.sync()
    const manifest = { doorbell: version, begunAt, stream, collections }
    await writeFile(join(folder, `${manifestFile}.new`), JSON.stringify(manifest, null, 2), {
      mode: 0o600,
      flush: true,
    })
    await rename(join(folder, `${manifestFile}.new`), join(folder, manifestFile))
    return manifest
  } finally {
    for (const file of files.values()) await file.close()
  }
}

/** Restores a backup into servers that hold neither the stream nor the database. The ledger is restored first, since it can be refused midway. */
export const restoreBackup = async (place: Place, folder: string): Promise<Manifest> => {
  const manifest = await readManifest(folder)
  const chunksOf = (name: string) => createReadStream(join(folder, name)) as AsyncIterable<Uint8Array>
  await restoreDatabase({ url: place.mongodbUrl, database: place.database }, Object.keys(manifest.collections), name =>
    chunksOf(`${name}.bson`),
  )
  if (manifest.stream !== null) await restoreStream(place.natsUrl, place.stream, manifest.stream, chunksOf(streamFile))
  return manifest
}

const readManifest = async (folder: string): Promise<Manifest> => {
  try {
    return JSON.parse(await readFile(join(folder, manifestFile), 'utf8')) as Manifest
  } catch (error) {
    throw new Failure('conflict', `${folder} is not a complete backup: ${manifestFile} is missing.`, { cause: error })
  }
}
