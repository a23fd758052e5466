import { Failure } from '../domain/failure.ts'

type Progress = (line: string) => void

/** Finds or downloads a nats-server. Throws Failure that says what to set where there is none. */
export const findNatsServer = async (progress: Progress): Promise<string> => {
  const tools = await import('../../tools/servers/find-nats.ts').catch(missing('nats-server', 'NATS_URL'))
  return tools.findNatsServer(progress)
}

/** Finds or downloads a mongod. Throws Failure that says what to set where there is none. */
export const findMongod = async (progress: Progress) => {
  const tools = await import('../../tools/servers/find-mongod.ts').catch(missing('mongod', 'MONGODB_URL'))
  return tools.findMongod(progress)
}

/** The image leaves tools/ out. */
const missing =
  (server: string, setting: string) =>
  (error: unknown): never => {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error
    throw new Failure(
      'invalid_settings',
      `This installation cannot start a ${server}. Set ${setting} to a running one.`,
    )
  }
