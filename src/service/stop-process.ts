/** Stops this process in order, as its platform would. */
export const stopProcess = (): void => void process.kill(process.pid, 'SIGTERM')
