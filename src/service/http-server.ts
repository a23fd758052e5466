import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { answerUnreadable } from '../api/http/unreadable.ts'
import { Failure } from '../domain/failure.ts'
import type { Awaited } from './start-wait.ts'

/** The port of the API and the page. */
export interface HttpServer {
  /** Where it listens. */
  readonly url: string
  /** Where others reach it: the issuer of signatures and the base of links. */
  readonly publicUrl: string
  /** Gives requests to `listener` from now on. Before, each is answered 503 `starting`, and `/livez` 200: the process lives. */
  serve(listener: RequestListener): void
  /** Closes the port and idle connections, and asks clients to close theirs. Resolves when the last one has closed. */
  stopListening(): Promise<void>
  /** Closes the connections that are left, with the requests on them. */
  disconnect(): void
  /** Closes the port and all connections at once. */
  close(): Promise<void>
}

interface Address {
  readonly host: string
  readonly port: number
}

/**
 * How long an idle connection stays open; answers say so in `Keep-Alive`. Load balancers keep theirs for 60 s by default and must be the ones
 * that close: a request that meets the end of its connection is an error of the balancer’s.
 */
export const keepAliveMs = 75_000

/**
 * Opens the port before the rest is built: a probe gets an answer at once, a port that is in use is noticed at once, and the signing keys need
 * its url. `awaited` says what the start waits for. Throws Failure `conflict` or `invalid_settings`.
 */
export const openHttpServer = async (
  settings: Address & { readonly publicUrl: string | null },
  awaited: () => Awaited | null = () => null,
): Promise<HttpServer> => {
  let handle: RequestListener = answerStarting(awaited)
  let closed: Promise<void> | null = null
  const underWay = new Set<ServerResponse>()
  const server = createServer(
    { keepAliveTimeout: keepAliveMs, headersTimeout: keepAliveMs + 5_000 },
    (request, response) => {
      if (closed !== null) closeAfter(response)
      underWay.add(response)
      response.once('close', () => underWay.delete(response))
      handle(request, response)
    },
  )
  const url = await listen(server, settings)
  const publicUrl = settings.publicUrl ?? url
  server.on(
    'clientError',
    answerUnreadable(() => publicUrl),
  )
  const stopListening = (): Promise<void> => {
    closed ??= new Promise(resolve => server.close(() => resolve()))
    server.closeIdleConnections()
    underWay.forEach(closeAfter)
    return closed
  }
  const disconnect = () => server.closeAllConnections()
  return {
    url,
    publicUrl,
    serve: listener => void (handle = listener),
    stopListening,
    disconnect,
    close: () => {
      const ended = stopListening()
      disconnect()
      return ended
    },
  }
}

/** A process that is stopping takes no new work, so its clients must not use the connection again. */
const closeAfter = (response: ServerResponse): void => {
  if (!response.headersSent) response.setHeader('Connection', 'close')
}

/** Listens and returns the url. `setting` names the port in the message. Throws Failure `conflict` when the port is in use. */
export const listen = (server: Server, address: Address, setting = 'PORT'): Promise<string> =>
  new Promise((resolve, reject) => {
    const { host, port } = address
    server.once('error', (error: NodeJS.ErrnoException) => reject(cannotListen(address, setting, error)))
    server.listen(port, host, () => {
      const { port: actual } = server.address() as AddressInfo
      resolve(`http://${host.includes(':') ? `[${host}]` : host}:${actual}`)
    })
  })

const cannotListen = ({ host, port }: Address, setting: string, error: NodeJS.ErrnoException): Failure => {
  const hostSetting = setting === 'PORT' ? 'HOST' : 'DOORBELL_METRICS_HOST'
  switch (error.code) {
    case 'EADDRINUSE': {
      const remedy = `Stop what listens there, or choose another with ${setting} (0: any free one).`
      return new Failure('conflict', `Port ${port} of ${host} is in use. ${remedy}`, { cause: error })
    }
    case 'EACCES': {
      const remedy = `Choose another with ${setting}: below 1024 it needs a privilege.`
      return new Failure('invalid_settings', `This user may not listen on port ${port}. ${remedy}`, { cause: error })
    }
    default: {
      const remedy = `Set ${hostSetting} to an address of this machine.`
      return new Failure('invalid_settings', `Cannot listen on ${host} (${error.code}). ${remedy}`, { cause: error })
    }
  }
}

/** Answers while the service starts: the process lives, and everything else gets a problem (RFC 9457) like those of the API. */
const answerStarting =
  (awaited: () => Awaited | null): RequestListener =>
  (request, response) => {
    if (request.url?.split('?')[0] === '/livez') {
      response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' })
      response.end(JSON.stringify({ status: 'ok' }))
      return
    }
    const problem = {
      type: 'about:blank',
      title: 'This process is starting',
      status: 503,
      code: 'starting',
      detail: `${progressOf(awaited())} Retry the request.`,
      traceId: null,
    }
    response.writeHead(503, { 'content-type': 'application/problem+json', 'retry-after': '1' })
    response.end(JSON.stringify(problem))
  }

const progressOf = (awaited: Awaited | null): string =>
  awaited === null
    ? 'It will take requests in a moment.'
    : `It has been waiting for ${awaited.what} since ${new Date(awaited.since).toISOString()}.`
