// A customer's receiver in plain JavaScript, on the installed package. Prints its port, then each event.
import { createServer } from 'node:http'
import { createSeenIds, createVerifier, nodeReceiver } from 'doorbell/receiver'

const [issuer, subscriptionId, secret] = process.argv.slice(2)
const tell = message => process.stdout.write(`${JSON.stringify(message)}\n`)
const receive = nodeReceiver({
  verifier: createVerifier({ issuer, subscriptionId, secret }),
  seen: createSeenIds(),
  onEvent: event => tell({ event }),
  onError: error => tell({ refused: error.code }),
})
const server = createServer(receive)
server.listen(0, '127.0.0.1', () => tell({ port: server.address().port }))
