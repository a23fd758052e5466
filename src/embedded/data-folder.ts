import { createHash, randomBytes } from 'node:crypto'
import { mkdir, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises'
import { connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Failure } from '../domain/failure.ts'

/** What a data folder keeps for the service, and its lock. */
export interface DataFolder {
  readonly path: string
  readonly adminToken: string
  /** 32 bytes. */
  readonly encryptionKey: Uint8Array
  /** Gives the folder free for another process. */
  release(): Promise<void>
}

/** Opens a data folder for this process alone, with a token and a key of its own. Throws Failure `conflict` when it is in use. */
export const openDataFolder = async (folder: string): Promise<DataFolder> => {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const path = await realpath(folder)
  const lock = await takeLock(path)
  return {
    path,
    adminToken: await keep(join(path, 'admin-token'), () => `dba_${randomBytes(24).toString('base64url')}`),
    encryptionKey: Buffer.from(
      await keep(join(path, 'encryption-key'), () => randomBytes(32).toString('base64')),
      'base64',
    ),
    release: () => new Promise(resolve => lock.close(() => resolve())),
  }
}

/** The text of a file, made once; written whole or not at all, so that a kill leaves no empty token. */
const keep = async (file: string, make: () => string): Promise<string> => {
  const kept = (await readFile(file, 'utf8').catch(() => '')).trim()
  if (kept !== '') return kept
  const made = make()
  await writeFile(`${file}.new`, made, { mode: 0o600 })
  await rename(`${file}.new`, file)
  return made
}

/** The lock is a listening socket: it ends with its process, however that ends, and no process id can be taken for another's. */
const takeLock = async (path: string): Promise<Server> => {
  const socket = socketOf(path)
  const server = await listen(socket)
  if (server !== null) return server
  const owner = await askOwner(socket)
  if (owner !== null)
    throw new Failure(
      'conflict',
      `The data folder ${path} is in use by another Doorbell (process ${owner}). Stop that one, or give this one a folder of its own with DOORBELL_DATA_DIR.`,
    )
  if (socket.startsWith(tmpdir())) await rm(socket, { force: true })
  const second = await listen(socket)
  if (second === null)
    throw new Failure('conflict', `The data folder ${path} was taken by another Doorbell at this moment. Try again.`)
  return second
}

/**
 * Linux has sockets without a file, which leave nothing behind and which only one process can have. Elsewhere the file's path must be
 * short (104 bytes on macOS), so it stands in the folder for temporary files under the data folder's hash.
 */
const socketOf = (path: string): string => {
  const name = `doorbell-${createHash('sha256').update(path).digest('hex').slice(0, 24)}`
  if (process.platform === 'linux') return `\0${name}`
  return process.platform === 'win32' ? `\\\\.\\pipe\\${name}` : join(tmpdir(), `${name}.sock`)
}

/** Listens on the socket and tells everybody who connects this process's id; null when the path is taken. */
const listen = (socket: string): Promise<Server | null> =>
  new Promise((resolve, reject) => {
    const server = createServer(connection => connection.on('error', () => undefined).end(String(process.pid)))
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(null) : reject(error),
    )
    server.listen(socket, () => resolve(server.unref()))
  })

/** The process id behind the socket, `unknown` when it does not say (a halted process); null when nobody listens any more. */
const askOwner = (socket: string): Promise<string | null> =>
  new Promise(resolve => {
    const connection = connect(socket)
    let answer = ''
    connection.on('data', data => (answer += String(data)))
    connection.on('error', () => resolve(null))
    connection.on('end', () => resolve(answer))
    connection.setTimeout(2_000, () => {
      resolve('unknown')
      connection.destroy()
    })
  })
