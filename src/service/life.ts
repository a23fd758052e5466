import type { Log } from '../../observability/log.ts'
import { isAway } from '../domain/failure.ts'
import { complain } from './greet.ts'
import { reportCause } from './processes.ts'

/** Platforms kill a process that has not ended 15 s after its signal. */
export const stopWithinMs = 14_000

/** Starts a program; its parts register their ends on `running`. `stop` ends them, and then the process. */
type Start = (running: AsyncDisposableStack, stop: (exitCode: number) => void) => Promise<void>

/** Runs a program until a signal, an uncaught error or a failed start; then stops it in order and exits. */
export const runUntilStopped = async (
  log: Pick<Log, 'error'>,
  start: Start,
  host: Pick<NodeJS.Process, 'on' | 'exit' | 'exitCode' | 'send'> = process,
): Promise<void> => {
  const running = new AsyncDisposableStack()
  let stopping = false
  const end = async (exitCode: number): Promise<void> => {
    stopping = true
    setTimeout(() => {
      const remedy = 'see which server did not answer; nothing is lost: the next start delivers what was not finished'
      log.error({ limitMs: stopWithinMs, exitCode, remedy }, 'the stop took too long: the process ends')
      host.exit(exitCode)
    }, stopWithinMs).unref()
    await running.disposeAsync().catch((error: unknown) => logFault(log, error))
    host.exit(exitCode)
  }
  const stop = (exitCode: number): void => void (stopping || end(exitCode))
  // SIGHUP: the terminal was closed. A process that stops itself has set its exit code (stop-process.ts).
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) host.on(signal, () => stop(Number(host.exitCode ?? 0)))
  // The parent of this worker process has died.
  host.on('disconnect', () => stop(0))
  host.on('uncaughtException', error => {
    if (isAway(error)) {
      const remedy = 'see the error: the process goes on; report that this line has no place of its own'
      return log.error({ err: error, remedy }, 'a server did not answer')
    }
    log.error({ err: error, remedy: 'a defect: report it with this line' }, 'uncaught error')
    reportCause(error, host)
    return stop(1)
  })
  await start(running, stop).catch((error: unknown) => {
    // A start that a signal interrupted fails for that reason alone.
    if (!stopping) {
      complain(error)
      reportCause(error, host)
    }
    stop(1)
  })
}

/** Logs a fault of a stop, which then continues. */
export const logFault = (log: Pick<Log, 'error'>, error: unknown): void => {
  const remedy = 'nothing is lost: the next start delivers what was not finished'
  log.error({ err: error, remedy }, 'a part could not be stopped in order')
}
