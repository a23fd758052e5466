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

/** The file that is written last: a folder without it is no backup. */
export interface Manifest {
  readonly doorbell: string
  /** RFC 3339: what was accepted before is in it. */
  readonly begunAt: string
  readonly stream: SavedStream | null
  /** How many documents of each collection. */
  readonly collections: Readonly<Record<string, number>>
}

const manifestFile = 'backup.json'
const streamFile = 'stream.tar.s2'

/**
 * Saves stream and ledger into a new folder while the service goes on. The stream first: what it calls acknowledged then has its rows in
 * a ledger that is read later; the other way round an event could be in neither.
 */
export const saveBackup = async (place: Place, folder: string): Promise<Manifest> => {
  await mkdir(folder, { mode: 0o700 }).catch((error: unknown) => {
    throw new Failure('conflict', `The folder ${folder} cannot be made: name one that does not exist yet.`, {
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

/** Restores a backup into servers that hold neither the stream nor the database. The ledger first: it is the one that can be refused midway. */
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
    throw new Failure('conflict', `${folder} is no finished backup: it has no ${manifestFile}.`, { cause: error })
  }
}
