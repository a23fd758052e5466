import { createServer } from 'node:http'
import { createVerifier, fetchReceiver, nodeReceiver, VerificationError, type WebhookEvent } from 'doorbell/receiver'

const verifier = createVerifier({ issuer: 'https://doorbell.example', subscriptionId: 'sub_1' })

const textOf = (event: WebhookEvent): string | undefined => {
  switch (event.type) {
    case 'visit.checked_in':
      return `${event.data?.visitor.firstName} ${event.data?.checkedInAt}`
    case 'visit.checked_out':
      // @ts-expect-error: a check-out does not contain the time of the check-in
      return event.data?.checkedInAt
    case 'webhook.delivery.exhausted':
      return event.data?.attempts.toFixed()
    default:
      return undefined
  }
}

createServer(nodeReceiver({ verifier, onEvent: event => void textOf(event) }))
export const handle: (request: Request) => Promise<Response> = fetchReceiver({ verifier, onEvent: () => undefined })
export const codeOf = (error: unknown): string => (error instanceof VerificationError ? error.code : 'unknown')
// @ts-expect-error: the subscription is required
createVerifier({ issuer: 'https://doorbell.example' })
