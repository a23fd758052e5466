import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'

/** Starts a process of the benchmark that reports its port and ends with this process. */
export const startChild = async (file: string, args: readonly string[] = []) => {
  const child = fork(join(import.meta.dirname, file), [...args])
  const { port } = await heard<{ port: number }>(child, 'listening')
  return {
    port,
    send: (message: object) => void child.send(message),
    heard: <T>(type: string) => heard<T>(child, type),
    stop: () => child.disconnect(),
  }
}

const heard = <T>(child: ChildProcess, type: string): Promise<T> =>
  new Promise(resolve => {
    const listen = (message: unknown) => {
      if ((message as { type: string }).type !== type) return
      child.off('message', listen)
      resolve(message as T)
    }
    child.on('message', listen)
  })
