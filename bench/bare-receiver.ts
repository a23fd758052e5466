/** A receiver that does as little as can be: answers 204 and notes when each event first came. Reports over IPC. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const arrivals = new Map<string, number>()
let duplicates = 0
let wanted = Infinity
const now = () => performance.timeOrigin + performance.now()

const server = createServer((request, response) => {
  const id = String(request.headers['webhook-id'])
  if (arrivals.has(id)) duplicates += 1
  else arrivals.set(id, now())
  request.resume()
  response.writeHead(204).end()
  if (arrivals.size >= wanted) report()
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
