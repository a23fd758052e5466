import { createReadStream } from 'node:fs'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Failure } from '../domain/failure.ts'
import { restoreDatabase, saveDatabase } from '../ledger/backup.ts'
import { type SavedStream, saveStream } from '../streams/backup.ts'
import { continueAfter } from '../streams/needs/progress.ts'
import { restoreStreamBehind } from '../streams/restore-behind.ts'
import { version } from '../../config/version.ts'
import { compareFiles, createFiles, type FileSums } from './files.ts'

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
  /** Every other file of the folder. Backups of version 0.2.0 do not have it. */
  readonly files?: FileSums
}

export interface SaveOptions {
  /** Saves a place that holds no stream or no documents, too. */
  readonly allowEmpty?: boolean
  /** Files to keep with the backup, such as the key that decrypts it. */
  readonly alongside?: Readonly<Record<string, Uint8Array>>
}

const manifestFile = 'backup.json'
const streamFile = 'stream.tar.s2'

/**
 * Saves the stream and the ledger into a new folder, also while the service runs, and reads the files back. The stream is saved first: an event
 * that it reports as acknowledged has its rows in the ledger, which is read later. In the other order an event could be in neither.
 * Throws Failure `conflict`; what was written is removed then.
 */
export const saveBackup = async (place: Place, folder: string, options: SaveOptions = {}): Promise<Manifest> => {
  await mkdir(folder, { mode: 0o700 }).catch((error: unknown) => {
    throw new Failure('conflict', `The folder ${folder} cannot be created. Choose one that does not exist yet.`, {
      cause: error,
    })
  })
  try {
    return await saveInto(place, folder, options)
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    throw error
  }
}

const saveInto = async (
  place: Place,
  folder: string,
  { allowEmpty = false, alongside = {} }: SaveOptions,
): Promise<Manifest> => {
  const begunAt = new Date().toISOString()
  const files = createFiles(folder)
  try {
    const stream = await saveStream(place.natsUrl, place.stream, chunk => files.append(streamFile, chunk))
    const database = { url: place.mongodbUrl, database: place.database }
    const collections = await saveDatabase(database, (name, documents) => files.append(`${name}.bson`, documents))
    for (const [name, bytes] of Object.entries(alongside)) await files.append(name, bytes)
    const manifest = { doorbell: version, begunAt, stream, collections, files: await files.finish() }
    if (!allowEmpty) refuseEmpty(place, manifest)
    await compareFiles(folder, manifest.files)
    await writeFile(join(folder, `${manifestFile}.new`), JSON.stringify(manifest, null, 2), {
      mode: 0o600,
      flush: true,
    })
    await rename(join(folder, `${manifestFile}.new`), join(folder, manifestFile))
    return manifest
  } finally {
    await files.close()
  }
}

/** Half a backup is most often one of the wrong servers. */
const refuseEmpty = ({ stream, database }: Place, manifest: Pick<Manifest, 'stream' | 'collections'>): void => {
  const hasDocuments = Object.values(manifest.collections).some(count => count > 0)
  const missing = [
    ...(manifest.stream === null ? [`NATS has no stream ${stream}`] : []),
    ...(hasDocuments ? [] : [`MongoDB's database ${database} holds no documents`]),
  ]
  if (missing.length === 0) return
  throw new Failure(
    'conflict',
    `Nothing was saved: ${missing.join(', and ')}. Check NATS_URL, MONGODB_URL and DOORBELL_DATA_DIR, or add --allow-empty.`,
  )
}

/**
 * Restores a backup that `checkBackup` has found complete into servers that hold neither the stream nor the database. The ledger is restored
 * first, since it can be refused midway. Receivers may have got events from after the backup, so new events get numbers above any that these had.
 */
export const restoreBackup = async (
  place: Place,
  folder: string,
  manifest: Manifest,
  now: () => number = Date.now,
): Promise<void> => {
  const chunksOf = (name: string) => createReadStream(join(folder, name)) as AsyncIterable<Uint8Array>
  await restoreDatabase({ url: place.mongodbUrl, database: place.database }, Object.keys(manifest.collections), name =>
    chunksOf(`${name}.bson`),
  )
  if (manifest.stream === null) return
  const { last_seq: sequence = 0 } = manifest.stream.state as { readonly last_seq?: number }
  const next = continueAfter({ sequence, at: Date.parse(manifest.begunAt) }, now())
  await restoreStreamBehind(place.natsUrl, place.stream, manifest.stream, chunksOf(streamFile), next)
}

/** Reads a backup and compares its files with what was saved. Throws Failure `conflict` when one is missing or has changed. */
export const checkBackup = async (folder: string): Promise<Manifest> => {
  const manifest = await readManifest(folder)
  await compareFiles(folder, manifest.files ?? {})
  return manifest
}

const readManifest = async (folder: string): Promise<Manifest> => {
  try {
    return JSON.parse(await readFile(join(folder, manifestFile), 'utf8')) as Manifest
  } catch (error) {
    throw new Failure('conflict', `${folder} is not a complete backup: ${manifestFile} is missing.`, { cause: error })
  }
}
