// A customer's receiver in plain JavaScript that uses the installed package. It prints its port, and then each event.
import { createServer } from 'node:http'
import { createSeenIds, createVerifier, nodeReceiver } from 'doorbell/receiver'

const [issuer, subscriptionId, secret] = process.argv.slice(2)
const print = message => process.stdout.write(`${JSON.stringify(message)}\n`)
const receive = nodeReceiver({
  verifier: createVerifier({ issuer, subscriptionId, secret }),
  seen: createSeenIds(),
  onEvent: event => print({ event }),
  onError: error => print({ refused: error.code }),
})
const server = createServer(receive)
server.listen(0, '127.0.0.1', () => print({ port: server.address().port }))
