/**
 * A receiver that does as little as possible. It records when each event first arrived, and behaves as its argument says: `well` answers 204,
 * `hang` never answers, `throttle` answers 429 with Retry-After: 2, `flap` fails in every other period of two seconds. It reports over IPC.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Behaviour = 'well' | 'hang' | 'throttle' | 'flap'

const behaviour = (process.argv[2] ?? 'well') as Behaviour
const arrivals = new Map<string, number>()
let duplicates = 0
let wanted = Infinity
const now = () => performance.timeOrigin + performance.now()
const isDown = () => behaviour === 'flap' && Math.floor(Date.now() / 2_000) % 2 === 0

const server = createServer((request, response) => {
  // One receiver can serve several subscriptions, which differ in their path.
  const id = `${String(request.headers['webhook-id'])}${request.url ?? ''}`
  request.resume()
  if (behaviour === 'hang') return undefined
  if (behaviour === 'throttle') return void response.writeHead(429, { 'retry-after': '2' }).end()
  if (isDown()) return void response.writeHead(500).end()
  if (arrivals.has(id)) duplicates += 1
  else arrivals.set(id, now())
  response.writeHead(204).end()
  if (arrivals.size >= wanted) report()
  return undefined
})
server.keepAliveTimeout = 60_000
const report = () => {
  wanted = Infinity
  process.send?.({ type: 'done', arrivals: [...arrivals], duplicates })
  arrivals.clear()
  duplicates = 0
}

process.on('message', message => {
  wanted = (message as { wanted: number }).wanted
  if (arrivals.size >= wanted) report()
})
process.on('disconnect', () => process.exit(0))
server.listen(0, '127.0.0.1', () => process.send?.({ type: 'listening', port: (server.address() as AddressInfo).port }))
