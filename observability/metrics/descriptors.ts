import { readdirSync, readFileSync } from 'node:fs'

/** Returns how many descriptors this process may have open; null where that is not known, or not limited. Node has raised it as far as it may. */
export const descriptorLimit = (read: (path: string) => string = readText): number | null => {
  try {
    const [, soft] = /^Max open files\s+(\d+)/m.exec(read('/proc/self/limits')) ?? []
    return soft === undefined ? null : Number(soft)
  } catch {
    return null
  }
}

const readText = (path: string): string => readFileSync(path, 'utf8')

/** Returns how many descriptors are open; null where that cannot be counted. */
export const openDescriptors = (list: (folder: string) => readonly string[] = readdirSync): number | null => {
  try {
    // One of them is the folder that is being read.
    return list('/proc/self/fd').length - 1
  } catch {
    return null
  }
}
