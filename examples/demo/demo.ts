/** `npm run demo` follows one check-in from the front desk to a verified push notification, and a second one to an app that is down at first. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { styleText } from 'node:util'
import { call } from './call.ts'
import { chapter, say, step } from './narrate.ts'
import { type RunningDoorbell, startDoorbell } from './start-doorbell.ts'
import { tell } from './story.ts'

const dataDir = await mkdtemp(join(tmpdir(), 'doorbell-demo-'))
const tenant = 'customer'
const scopes = ['events:write', 'subscriptions:read', 'subscriptions:write', 'deliveries:read']

let doorbell: RunningDoorbell | undefined
let isGood = false
try {
  chapter('Doorbell starts with its own NATS and MongoDB')
  doorbell = await startDoorbell(dataDir)
  const { url: base, token: operatorToken } = doorbell
  step('Doorbell', `listens at ${base}`)
  const tenantUrl = `${base}/v1/tenants/${tenant}`
  await call(tenantUrl, operatorToken, 'PUT', { name: 'A customer with their own app' })
  const { token } = await call<{ token: string }>(`${tenantUrl}/tokens`, operatorToken, 'POST', { scopes })
  step('operator', 'creates a tenant and a token for it')
  const shared = { base, tenant, token }
  const first = await tell({ ...shared, title: '1. A visitor checks in', downFirst: 0 })
  const second = await tell({ ...shared, title: '2. A visitor checks in while the app is down', downFirst: 1 })
  isGood = first && second
} catch (error) {
  say(styleText('red', error instanceof Error ? error.message : String(error)))
} finally {
  if (doorbell !== undefined) {
    const { child } = doorbell
    const ended = new Promise(resolve => child.once('exit', resolve))
    child.kill('SIGTERM')
    await ended
  }
  await rm(dataDir, { recursive: true, force: true })
}
say(isGood ? styleText('green', '\nBoth check-ins arrived and were verified.') : styleText('red', '\nThe demo failed.'))
process.exitCode = isGood ? 0 : 1
