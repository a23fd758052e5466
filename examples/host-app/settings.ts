import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

export interface HostAppSettings {
  /** 0 uses a free port. */
  readonly port: number
  /** Address to listen on. */
  readonly host: string
  /** The address at which Doorbell reaches the app; null if it is this machine's own address. */
  readonly reachedAt: string | null
  /** The folder for the app's state. */
  readonly dataDir: string
  /** The address of the running Doorbell. */
  readonly doorbellUrl: string
  /** Only the first start needs it. */
  readonly adminToken: string | null
}

/** Reads the settings from the environment. The operator's token comes from DOORBELL_ADMIN_TOKEN or from the data folder of `npm start`. Throws Explained. */
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
    throw new Explained(`HOST_APP_PORT is "${HOST_APP_PORT}". Set it to a whole number up to 65535.`)
  if (HOST_APP_URL !== undefined && !URL.canParse(HOST_APP_URL))
    throw new Explained(`HOST_APP_URL is "${HOST_APP_URL}". Set it to a URL.`)
  if (!URL.canParse(DOORBELL_URL)) throw new Explained(`DOORBELL_URL is "${DOORBELL_URL}". Set it to a URL.`)
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

/** An error that the user can fix. Its message is shown without a stack trace. */
export class Explained extends Error {}
