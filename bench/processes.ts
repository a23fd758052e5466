import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Clock ticks a second: 100 on every Linux that Node runs on. */
const ticksPerSecond = 100

/** Reads the CPU that a process has used, user and system, in ms (Linux: /proc/<pid>/stat, proc(5)). */
export const cpuMs = async (pid: number): Promise<number> => {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return ((Number(fields[11]) + Number(fields[12])) * 1_000) / ticksPerSecond
}

/** Reads the peak memory of a process in MiB. */
export const peakMiB = (pid: number): Promise<number> => memory(pid, /VmHWM:\s+(\d+)/)

/** Reads the current memory of a process in MiB. */
export const residentMiB = (pid: number): Promise<number> => memory(pid, /VmRSS:\s+(\d+)/)

const memory = async (pid: number, field: RegExp): Promise<number> =>
  Number(field.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1_024

/** Reads the process id of an embedded server. */
export const pidOf = async (dataDir: string, name: string): Promise<number> =>
  Number(await readFile(join(dataDir, `${name}.pid`), 'utf8'))

/** Finds the child processes of a process. */
export const childrenOf = async (pid: number): Promise<number[]> =>
  (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).split(' ').filter(Boolean).map(Number)
