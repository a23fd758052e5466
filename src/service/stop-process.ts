import { reportCause } from './processes.ts'

/** Stops this process in order, as its platform would, since it cannot continue: the exit code is 1, and the process that started it gets the cause. */
export const stopProcess = (cause: unknown): void => {
  reportCause(cause, process)
  process.exitCode = 1
  process.kill(process.pid, 'SIGTERM')
}
