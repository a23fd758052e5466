import { createServer } from 'node:http'
import { listen } from './http-server.ts'

export interface MetricsServer {
  readonly url: string
  stop(): Promise<void>
}

const path = '/metrics'
/** Prometheus' text exposition format. */
const contentType = 'text/plain; version=0.0.4; charset=utf-8'

/** Serves `/metrics` on a port of its own, since the API's port is open to customers. Throws Failure `conflict` when the port is in use. */
export const serveMetrics = async (
  source: { text(): Promise<string> },
  address: { readonly host: string; readonly port: number },
): Promise<MetricsServer> => {
  const server = createServer((request, response) => {
    if (request.url?.split('?')[0] !== path) return void response.writeHead(404).end()
    if (request.method !== 'GET') return void response.writeHead(405, { allow: 'GET' }).end()
    source.text().then(
      body => response.writeHead(200, { 'content-type': contentType }).end(body),
      () => response.writeHead(500).end(),
    )
    return undefined
  })
  const url = await listen(server, address, 'DOORBELL_METRICS_PORT')
  return {
    url: `${url}${path}`,
    stop: () => {
      server.closeAllConnections()
      return new Promise(resolve => server.close(() => resolve()))
    },
  }
}
