// Receives webhooks of Doorbell with its kit:
//   npm install ./doorbell-0.2.0.tgz (made by `npm run doorbell -- receiver-package`; inside this repository it is there already)
//   DOORBELL_ISSUER=https://doorbell.example DOORBELL_SUBSCRIPTION=sub_… node receiver.js
import { createServer } from 'node:http'
import { createSeenIds, createVerifier, nodeReceiver } from 'doorbell/receiver'

const { DOORBELL_ISSUER, DOORBELL_SUBSCRIPTION, DOORBELL_SECRET, PORT = '8080' } = process.env

const receive = nodeReceiver({
  verifier: createVerifier({
    issuer: DOORBELL_ISSUER,
    subscriptionId: DOORBELL_SUBSCRIPTION,
    secret: DOORBELL_SECRET, // whsec_…, or nothing: the JWS alone is enough
  }),
  // In memory. Over a table of your database, { has, add } survive a restart.
  seen: createSeenIds(),
  // Your work. Queue what takes longer than a few seconds.
  onEvent: event => console.log(event.type, event.id, event.replay ? '(replay)' : ''),
  onError: error => console.error(String(error)),
})

createServer(receive).listen(Number(PORT), '127.0.0.1')
