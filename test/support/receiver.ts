import { EventEmitter, once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ExecutionContext } from 'ava'

/** Shorter than the 30 seconds after which a worker repairs what a lost step has left behind. */
const silenceMs = 25_000

export interface Arrival {
  readonly headers: IncomingHttpHeaders
  readonly body: string
  /** How many arrivals there were before this one. */
  readonly index: number
}

export interface TestReceiver {
  readonly url: string
  readonly arrivals: readonly Arrival[]
  /** Resolves with all arrivals as soon as there are that many. Rejects when no other one comes for 25 seconds. */
  count(wanted: number): Promise<readonly Arrival[]>
}

/** Starts a receiver that keeps what arrives. `answer` gives the status for each arrival; a promise delays it. */
export const startReceiver = async (
  t: ExecutionContext,
  answer: (arrival: Arrival) => number | Promise<number> = () => 204,
  headers: Readonly<Record<string, string>> = {},
): Promise<TestReceiver> => {
  const arrivals: Arrival[] = []
  const coming = new EventEmitter()
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const arrival = { headers: request.headers, body: Buffer.concat(chunks).toString('utf8'), index: arrivals.length }
      arrivals.push(arrival)
      coming.emit('arrival')
      void Promise.resolve(answer(arrival)).then(status => response.writeHead(status, headers).end())
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    arrivals,
    count: async wanted => {
      while (arrivals.length < wanted) {
        const others = arrivals.length
        await once(coming, 'arrival', { signal: AbortSignal.timeout(silenceMs) }).catch((cause: unknown) => {
          throw new Error(`${others} of ${wanted} arrived, and no other in ${silenceMs / 1_000} s`, { cause })
        })
      }
      return arrivals
    },
  }
}
