/** What a receiver of Doorbell's webhooks needs: `import { createVerifier } from 'doorbell/receiver'`. */
export { createVerifier, type Verifier, type VerifierOptions } from './verifier.ts'
export { VerificationError, type VerificationCode } from './verification-error.ts'
export { verifyHmac } from './hmac.ts'
export { createSeenIds, type SeenIds } from './seen-ids.ts'
export type { WebhookEvent } from './webhook-event.ts'
export { nodeReceiver } from './node.ts'
export { koaReceiver } from './koa.ts'
export { expressReceiver } from './express.ts'
