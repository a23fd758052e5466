import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createHttp2Server, type ServerHttp2Stream } from 'node:http2'
import { createServer as createHttpsServer, type ServerOptions } from 'node:https'
import type { AddressInfo, Server } from 'node:net'
import { gunzipSync } from 'node:zlib'
import type { ExecutionContext } from 'ava'
import { decodeRequest } from './messages.ts'

export type Signal = 'traces' | 'metrics' | 'logs'

/** One export request, as it arrived. */
export interface Arrival {
  readonly signal: Signal
  readonly protocol: 'http/protobuf' | 'http/json' | 'grpc'
  readonly path: string
  readonly headers: IncomingHttpHeaders
  /** As OTLP has it in JSON. */
  readonly request: object
}

export interface OtlpReceiver {
  readonly url: string
  readonly grpcUrl: string
  readonly arrivals: readonly Arrival[]
  /** Resolves when a request of each of these signals has arrived. */
  arrived(signals: readonly Signal[]): Promise<void>
}

/** Starts an OTLP endpoint for one test, which accepts http/protobuf and http/json on one port and gRPC on another. If `silent`, it never answers. */
export const startOtlpReceiver = async (
  t: Pick<ExecutionContext, 'teardown'>,
  { silent = false, tls }: { readonly silent?: boolean; readonly tls?: ServerOptions } = {},
): Promise<OtlpReceiver> => {
  const arrivals: Arrival[] = []
  const waiting = new Set<() => void>()
  const arrive = (arrival: Arrival) => {
    arrivals.push(arrival)
    waiting.forEach(look => look())
  }
  const takeHttp = async (request: IncomingMessage, response: ServerResponse) => {
    const { headers, url: path = '' } = request
    const body = unzipped(await bytesOf(request), headers['content-encoding'])
    const isJson = headers['content-type'] === 'application/json'
    const signal = signalOf(path)
    arrive({
      signal,
      protocol: isJson ? 'http/json' : 'http/protobuf',
      path,
      headers,
      request: isJson ? (JSON.parse(body.toString()) as object) : decodeRequest(signal, body),
    })
    if (!silent) response.writeHead(200, { 'content-type': headers['content-type'] }).end(isJson ? '{}' : '')
  }
  const takeGrpc = async (
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders & { readonly ':path'?: string | undefined },
  ) => {
    const path = headers[':path'] ?? ''
    // A message has a flag for compression and its length before it (gRPC over HTTP2, "Length-Prefixed-Message").
    const framed = await bytesOf(stream)
    const body = unzipped(framed.subarray(5), framed[0] === 1 ? headers['grpc-encoding'] : undefined)
    const signal = signalOf(path)
    arrive({ signal, protocol: 'grpc', path, headers, request: decodeRequest(signal, body) })
    if (silent) return
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
    stream.once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
    stream.end(Buffer.alloc(5))
  }
  const take = (request: IncomingMessage, response: ServerResponse) => void takeHttp(request, response)
  const http = tls === undefined ? createServer(take) : createHttpsServer(tls, take)
  const grpc = createHttp2Server()
  grpc.on('stream', (stream, headers) => void takeGrpc(stream, headers))
  t.teardown(() => {
    http.closeAllConnections()
    http.close()
    grpc.close()
  })
  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${await portOf(http)}`,
    grpcUrl: `http://127.0.0.1:${await portOf(grpc)}`,
    arrivals,
    arrived: signals =>
      new Promise(resolve => {
        const look = () => {
          if (!signals.every(signal => arrivals.some(each => each.signal === signal))) return
          waiting.delete(look)
          resolve()
        }
        waiting.add(look)
        look()
      }),
  }
}

const portOf = async (server: Server): Promise<number> => {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

const bytesOf = async (source: AsyncIterable<Buffer>): Promise<Buffer> => {
  const chunks: Buffer[] = []
  for await (const chunk of source) chunks.push(chunk)
  return Buffer.concat(chunks)
}

const unzipped = (bytes: Buffer, encoding: string | string[] | undefined): Buffer =>
  encoding === 'gzip' ? gunzipSync(bytes) : bytes

/** By the path's end, which the settings may change in front of. */
const signalOf = (path: string): Signal => {
  if (/metrics/i.test(path)) return 'metrics'
  return /logs/i.test(path) ? 'logs' : 'traces'
}
