import type { Settings } from '../../config/settings.ts'
import type { Log } from '../../observability/log.ts'
import { openDataFolder } from '../embedded/data-folder.ts'
import { startEmbedded } from '../embedded/embedded.ts'
import { reportProgress } from './greet.ts'
import type { ServiceSettings } from './settings.ts'

/** The settings that the user may leave out. */
export type Servers = Pick<
  ServiceSettings,
  'natsUrl' | 'natsMonitorUrls' | 'mongodbUrl' | 'adminToken' | 'encryptionKey'
>

interface Options {
  readonly settings: Settings
  readonly log: Pick<Log, 'error'>
  /** Called when an embedded server ends by itself. */
  readonly onServerExit: () => void
}

/** Starts an embedded server for each one that the settings do not name, and registers its end on `running`. */
export const openServers = async (
  { settings, log, onServerExit }: Options,
  running: AsyncDisposableStack,
  { open, start } = { open: openDataFolder, start: startEmbedded },
): Promise<Servers> => {
  const { natsUrl, natsMonitorUrls, mongodbUrl, adminToken, encryptionKey, dataDir, sync } = settings
  if (natsUrl !== null && mongodbUrl !== null)
    return {
      natsUrl,
      natsMonitorUrls,
      mongodbUrl,
      adminToken: adminToken ?? '',
      encryptionKey: encryptionKey ?? new Uint8Array(),
    }
  const folder = await open(dataDir)
  running.defer(folder.release)
  const embedded = await start({
    dataDir: folder.path,
    sync,
    nats: natsUrl === null,
    mongodb: mongodbUrl === null,
    progress: reportProgress,
    onExit: (server, detail) => {
      log.error({ server, detail, remedy: `see ${dataDir}/${server}.log` }, 'an embedded server ended')
      onServerExit()
    },
  })
  running.defer(embedded.stop)
  return {
    natsUrl: natsUrl ?? embedded.natsUrl ?? '',
    natsMonitorUrls: embedded.natsMonitorUrl === null ? natsMonitorUrls : [embedded.natsMonitorUrl],
    mongodbUrl: mongodbUrl ?? embedded.mongodbUrl ?? '',
    adminToken: adminToken ?? folder.adminToken,
    encryptionKey: encryptionKey ?? folder.encryptionKey,
  }
}
