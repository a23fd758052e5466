import { join } from 'node:path'
import { parseHosts } from './hosts-file.ts'
import type { Resolved } from './resolved.ts'
import { type Files, watchedFile } from './watched-file.ts'

/** Returns the addresses of a name that this machine knows by itself, from its hosts file or as `localhost` (RFC 6761 §6.3); otherwise null. */
export const localNames = (now: () => number, files?: Files): ((host: string) => readonly Resolved[] | null) => {
  const hosts = watchedFile(hostsFile(process.platform, process.env['SystemRoot']), parseHosts, now, files)
  return host => {
    const name = host.toLowerCase().replace(/\.$/, '')
    const isLocal = name === 'localhost' || name.endsWith('.localhost')
    return hosts().get(name) ?? (isLocal ? loopback : null)
  }
}

const loopback: readonly Resolved[] = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
]

export const hostsFile = (platform: string, systemRoot = 'C:\\Windows'): string =>
  platform === 'win32' ? join(systemRoot, 'System32', 'drivers', 'etc', 'hosts') : '/etc/hosts'
