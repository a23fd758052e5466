// A receiver for the webhooks of Doorbell, with the receiver kit:
//   npm install ./doorbell-0.2.0.tgz (built by `npm run doorbell -- receiver-package`; not needed in this repository)
//   DOORBELL_ISSUER=https://doorbell.example DOORBELL_SUBSCRIPTION=sub_… node receiver.js
import { createServer } from 'node:http'
import { createSeenIds, createVerifier, nodeReceiver } from 'doorbell/receiver'

const { DOORBELL_ISSUER, DOORBELL_SUBSCRIPTION, DOORBELL_SECRET, PORT = '8080' } = process.env

const receive = nodeReceiver({
  verifier: createVerifier({
    issuer: DOORBELL_ISSUER,
    subscriptionId: DOORBELL_SUBSCRIPTION,
    secret: DOORBELL_SECRET, // whsec_…; optional, because the JWS is enough
  }),
  // Remembers ids in memory. Your own { has, add } over a table of your database survive a restart.
  seen: createSeenIds(),
  // Processes an event. Replace it, and queue what takes longer than a few seconds.
  onEvent: event => console.log(event.type, event.id, event.replay ? '(replay)' : ''),
})

createServer(receive).listen(Number(PORT), '127.0.0.1')
