/**
 * The customer's app in the demo: it subscribes, verifies every webhook with the receiver kit, and prints a push notification. Environment: PORT,
 * DOORBELL_URL, DOORBELL_TOKEN (of the tenant), TENANT, DOWN_FIRST (answers 503 to so many requests at first), and SUBSCRIPTION (more settings of the
 * subscription, as JSON).
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createSeenIds, createVerifier, nodeReceiver, type WebhookEvent } from 'doorbell/receiver'

const {
  PORT = '0',
  DOORBELL_URL = 'http://127.0.0.1:3000',
  DOORBELL_TOKEN = '',
  TENANT = '',
  DOWN_FIRST = '0',
  SUBSCRIPTION = '{}',
} = process.env

/** Reports to the parent process, if there is one. */
const report = (message: object) => process.send?.(message)

const notify = (event: WebhookEvent) => {
  const { visitor, entrance } = (event.data ?? {}) as {
    visitor?: { firstName: string; lastName: string }
    entrance?: string
  }
  // A thin event has no data, so it has no name.
  const name = visitor === undefined ? 'Your visitor' : `${visitor.firstName} ${visitor.lastName}`
  const text = `🔔 ${name} has arrived for you (${entrance ?? 'reception'})`
  process.stdout.write(`${text}\n`)
  report({ type: 'notified', eventId: event.id, text })
}

const server = createServer()
await new Promise<void>(resolve => server.listen(Number(PORT), '127.0.0.1', resolve))
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks`

const answer = await fetch(`${DOORBELL_URL}/v1/tenants/${TENANT}/subscriptions`, {
  method: 'POST',
  headers: { 'content-type': 'application/json', authorization: `Bearer ${DOORBELL_TOKEN}` },
  body: JSON.stringify({ url, eventTypes: ['visit.checked_in'], ...JSON.parse(SUBSCRIPTION) }),
})
if (answer.status !== 201) throw new Error(`the subscription failed: ${await answer.text()}`)
const subscription = (await answer.json()) as { id: string; secret: string }

const verifier = createVerifier({ issuer: DOORBELL_URL, subscriptionId: subscription.id, secret: subscription.secret })
const receive = nodeReceiver({
  verifier,
  onEvent: notify,
  seen: createSeenIds(),
  onError: error => report({ type: 'rejected', reason: String(error) }),
})

let down = Number(DOWN_FIRST)
server.on('request', (request, response) => {
  report({
    type: 'arrived',
    eventId: request.headers['webhook-id'],
    attempt: request.headers['webhook-attempt'],
    down: down > 0,
  })
  if (down > 0) {
    down -= 1
    response.writeHead(503).end()
  } else receive(request, response)
})
report({ type: 'subscribed', subscriptionId: subscription.id, url })
process.on('disconnect', () => process.exit(0))
