import { createHash, randomBytes } from 'node:crypto'
import { access, mkdir, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises'
import { connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve as absolute } from 'node:path'
import { Failure } from '../domain/failure.ts'

/** A data folder that this process has locked, with the secrets that it keeps for the service. */
export interface DataFolder {
  readonly path: string
  readonly adminToken: string
  /** 32 bytes. */
  readonly encryptionKey: Uint8Array
  /** Unlocks the folder for another process. */
  release(): Promise<void>
}

/**
 * Locks a data folder for this process, and generates its token and key at the first time. Throws Failure `conflict` if another process
 * uses the folder, and `invalid_settings` if this one may not write it.
 */
export const openDataFolder = async (folder: string): Promise<DataFolder> => {
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch(cannotWrite(folder))
  const path = await realpath(folder)
  const lock = await takeLock(path)
  const release = () => new Promise<void>(resolve => lock.close(() => resolve()))
  try {
    const adminToken = await keep(join(path, 'admin-token'), () => `dba_${randomBytes(24).toString('base64url')}`)
    const encryptionKey = await keep(join(path, 'encryption-key'), () => randomBytes(32).toString('base64'))
    return { path, adminToken, encryptionKey: Buffer.from(encryptionKey, 'base64'), release }
  } catch (error) {
    await release()
    return cannotWrite(folder)(error)
  }
}

/** Throws Failure `invalid_settings` unless a service has used the folder before: only a start of the service makes one. */
export const existingDataFolder = async (folder: string): Promise<void> => {
  await access(join(folder, 'encryption-key')).catch((error: unknown) => {
    throw new Failure(
      'invalid_settings',
      `No service has kept its data in ${absolute(folder)}. Set DOORBELL_DATA_DIR to the service's data folder, or NATS_URL and MONGODB_URL to its servers.`,
      { cause: error },
    )
  })
}

const cannotWrite =
  (folder: string) =>
  (error: unknown): never => {
    const { code = '' } = error as NodeJS.ErrnoException
    if (!['EACCES', 'EPERM', 'EROFS'].includes(code)) throw error
    throw new Failure(
      'invalid_settings',
      `The data folder ${folder} cannot be written (${code}). Set NATS_URL and MONGODB_URL to running servers, or DOORBELL_DATA_DIR to a folder that this user may write.`,
      { cause: error },
    )
  }

/** Reads a file's text, or makes it at the first time. It is written whole or not at all, so that a kill leaves no empty token. */
const keep = async (file: string, make: () => string): Promise<string> => {
  const kept = (await readFile(file, 'utf8').catch(() => '')).trim()
  if (kept !== '') return kept
  const made = make()
  await writeFile(`${file}.new`, made, { mode: 0o600 })
  await rename(`${file}.new`, file)
  return made
}

/** Takes the lock, a listening socket: it ends with its process, however that ends, and no reused process id can be mistaken for its owner. */
const takeLock = async (path: string): Promise<Server> => {
  const socket = socketOf(path)
  const server = await listen(socket)
  if (server !== null) return server
  const owner = await askOwner(socket)
  if (owner !== null)
    throw new Failure(
      'conflict',
      `The data folder ${path} is in use by another Doorbell (process ${owner}). Stop that process, or set DOORBELL_DATA_DIR to another folder.`,
    )
  if (socket.startsWith(tmpdir())) await rm(socket, { force: true })
  const second = await listen(socket)
  if (second === null)
    throw new Failure('conflict', `Another Doorbell has just started with the data folder ${path}. Try again.`)
  return second
}

/**
 * Names the socket. Linux has sockets without a file, which leave nothing behind and which only one process can have. Elsewhere the
 * file's path must be short (104 bytes on macOS), so the file is in the folder for temporary files, named by the data folder's hash.
 */
const socketOf = (path: string): string => {
  const name = `doorbell-${createHash('sha256').update(path).digest('hex').slice(0, 24)}`
  if (process.platform === 'linux') return `\0${name}`
  return process.platform === 'win32' ? `\\\\.\\pipe\\${name}` : join(tmpdir(), `${name}.sock`)
}

/** Listens on the socket and sends this process's id to each connection. Null: another process listens there. */
const listen = (socket: string): Promise<Server | null> =>
  new Promise((resolve, reject) => {
    const server = createServer(connection => connection.on('error', () => undefined).end(String(process.pid)))
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(null) : reject(error),
    )
    server.listen(socket, () => resolve(server.unref()))
  })

/** Asks for the process id behind the socket: `unknown` if a halted process does not answer, null if no process listens any more. */
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
