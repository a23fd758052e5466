import { createReadStream } from 'node:fs'
import { appendFile, mkdir, readdir } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { createPersonalSearch } from './personal-values.ts'
import { textsOf } from './protobuf-texts.ts'

export interface Leak {
  readonly file: string
  readonly value: string
  readonly line: string
}

/** Collects what every service of the run logs, traces and measures, whether it is in a test's process or in its own. */
export interface Collector {
  /** Environment of the tests' processes. */
  readonly environment: Readonly<Record<string, string>>
  /** Searches all of it for personal values. */
  search(): Promise<{ readonly counts: Readonly<Record<string, number>>; readonly leaks: readonly Leak[] }>
  stop(): Promise<void>
}

/** Service processes export here (OTLP over HTTP); the texts of what they export are kept and searched. */
export const startCollector = async (dataDir: string): Promise<Collector> => {
  const folder = join(dataDir, 'collected')
  await mkdir(folder)
  const writes = new Set<Promise<void>>()
  let exports = 0
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const kind = request.url === '/v1/traces' ? 'export-span' : 'export-metric'
      const write = appendFile(join(folder, kind), `${textsOf(Buffer.concat(chunks)).join('\n')}\n`)
      writes.add(write)
      exports += 1
      void write.finally(() => {
        writes.delete(write)
        response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end()
      })
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    environment: {
      DOORBELL_TEST_COLLECT: folder,
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    },
    search: async () => {
      await Promise.all(writes)
      const { counts, leaks } = await searchIn(folder)
      return { counts: { ...counts, export: exports }, leaks }
    },
    stop: () =>
      new Promise(resolve => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}

const linesOf = (folder: string, file: string) =>
  createInterface({ input: createReadStream(join(folder, file)), crlfDelay: Infinity })

const searchIn = async (folder: string) => {
  const files = await readdir(folder)
  const posted: string[] = []
  for (const file of files.filter(each => each.startsWith('posted-')))
    for await (const line of linesOf(folder, file)) posted.push(line)
  const find = createPersonalSearch(posted)
  const counts: Record<string, number> = { log: 0, span: 0, metric: 0 }
  const leaks: Leak[] = []
  for (const file of files.filter(each => !each.startsWith('posted-'))) {
    const kind = file.split('-')[0] ?? ''
    for await (const line of linesOf(folder, file)) {
      counts[kind] = (counts[kind] ?? 0) + 1
      const value = find(line)
      if (value !== null) leaks.push({ file, value, line })
    }
  }
  return { counts, leaks }
}
