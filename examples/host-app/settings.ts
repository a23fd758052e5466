import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

export interface HostAppSettings {
  /** 0 takes a free one. */
  readonly port: number
  /** Address to listen on. */
  readonly host: string
  /** Where Doorbell reaches the app; null: on this machine, at its port. */
  readonly reachedAt: string | null
  /** Folder of the app's state. */
  readonly dataDir: string
  /** The running Doorbell. */
  readonly doorbellUrl: string
  /** Null: needed at the first start only. */
  readonly adminToken: string | null
}

/** Reads HOST_APP_PORT, HOST_APP_HOST, HOST_APP_URL, HOST_APP_DATA_DIR and DOORBELL_URL; the operator's token from DOORBELL_ADMIN_TOKEN or from the data folder of `npm start`. */
export const readSettings = async (environment: NodeJS.ProcessEnv): Promise<HostAppSettings> => {
  const {
    HOST_APP_PORT = '3100',
    HOST_APP_HOST = '127.0.0.1',
    HOST_APP_URL,
    HOST_APP_DATA_DIR = '.host-app',
    DOORBELL_URL = 'http://127.0.0.1:3000',
    DOORBELL_DATA_DIR = '.doorbell',
    DOORBELL_ADMIN_TOKEN,
  } = environment
  const port = Number(HOST_APP_PORT)
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new Explained(`HOST_APP_PORT is "${HOST_APP_PORT}", but a port is a whole number up to 65535.`)
  if (HOST_APP_URL !== undefined && !URL.canParse(HOST_APP_URL))
    throw new Explained(`HOST_APP_URL is "${HOST_APP_URL}", which is no url.`)
  if (!URL.canParse(DOORBELL_URL)) throw new Explained(`DOORBELL_URL is "${DOORBELL_URL}", which is no url.`)
  const adminToken =
    DOORBELL_ADMIN_TOKEN ?? (await readFile(join(DOORBELL_DATA_DIR, 'admin-token'), 'utf8').catch(() => ''))
  return {
    port,
    host: HOST_APP_HOST,
    reachedAt: HOST_APP_URL?.replace(/\/+$/, '') ?? null,
    dataDir: HOST_APP_DATA_DIR,
    doorbellUrl: DOORBELL_URL.replace(/\/+$/, ''),
    adminToken: adminToken.trim() === '' ? null : adminToken.trim(),
  }
}

/** What a user can mend: shown as it is, without a stack. */
export class Explained extends Error {}
