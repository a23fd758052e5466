import type { RequestListener, Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Failure } from '../domain/failure.ts'

/** Listens, and answers with the url. Throws Failure `conflict` when the port is taken. */
export const listen = (
  server: Server,
  { host, port }: { readonly host: string; readonly port: number },
  setting = 'PORT',
): Promise<string> =>
  new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'EADDRINUSE' ? portTaken(host, port, setting) : error),
    )
    server.listen(port, host, () => {
      const { port: actual } = server.address() as AddressInfo
      resolve(`http://${host.includes(':') ? `[${host}]` : host}:${actual}`)
    })
  })

const portTaken = (host: string, port: number, setting: string) =>
  new Failure(
    'conflict',
    `Port ${port} of ${host} is in use. Stop what listens there, or choose another with ${setting} (0: any free one).`,
  )

/** What a process says before it can take requests: RFC 9457, like every problem of the API. */
export const answerStarting: RequestListener = (_, response) => {
  const problem = {
    type: 'about:blank',
    title: 'This process is starting',
    status: 503,
    code: 'starting',
    detail: 'It takes requests in a moment: send this one again.',
    traceId: null,
  }
  response.writeHead(503, { 'content-type': 'application/problem+json', 'retry-after': '1' })
  response.end(JSON.stringify(problem))
}
