/** An OTLP endpoint over HTTP that counts what it receives and keeps nothing, so that a run shows that spans were exported. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

let requests = 0
let bytes = 0
const server = createServer((request, response) => {
  request.on('data', (chunk: Buffer) => (bytes += chunk.length))
  request.on('end', () => {
    requests += 1
    response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end()
  })
})
process.on('message', () => process.send?.({ type: 'counted', requests, bytes }))
process.on('disconnect', () => process.exit(0))
server.listen(0, '127.0.0.1', () => process.send?.({ type: 'listening', port: (server.address() as AddressInfo).port }))
