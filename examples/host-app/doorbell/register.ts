import { Explained } from '../settings.ts'
import { type DoorbellClient, DoorbellProblem } from './client.ts'

/** What the first start creates at Doorbell, and every later start uses. */
export interface Registration {
  readonly tenant: string
  /** The token with which the platform publishes events (`events:write`). */
  readonly publishToken: string
  /** The token with which the app subscribes (`subscriptions:read` and `subscriptions:write`). */
  readonly appToken: string
  readonly subscriptionId: string
  /** `whsec_…` */
  readonly secret: string
}

export interface RegistrationStore {
  load(): Registration | null
  save(registration: Registration): void
}

const tenant = 'host-app'
const eventTypes = ['visit.checked_in', 'visit.checked_out', 'visit.cancelled']
const allowing = 'DOORBELL_EGRESS_ALLOW=127.0.0.0/8 DOORBELL_EGRESS_HTTP=true npm start'

/** Finds the app's tenant, tokens and subscription at Doorbell, and creates what is missing. Throws Explained with instructions. */
export const register = async (
  doorbell: DoorbellClient,
  store: RegistrationStore,
  { adminToken, webhookUrl }: { readonly adminToken: string | null; readonly webhookUrl: string },
): Promise<Registration> => {
  const kept = store.load()
  const known = kept !== null && (await tokensWork(doorbell, kept)) ? kept : null
  const tokens = known ?? (await createTokens(doorbell, adminToken))
  const registration = (known && (await findSubscription(doorbell, known, webhookUrl))) ?? {
    ...tokens,
    ...(await createSubscription(doorbell, tokens, webhookUrl)),
  }
  store.save(registration)
  return registration
}

type Tokens = Pick<Registration, 'tenant' | 'publishToken' | 'appToken'>

const tokensWork = async (doorbell: DoorbellClient, { publishToken, appToken }: Tokens): Promise<boolean> =>
  (await nullFor(401, () => doorbell.me(publishToken))) !== null &&
  (await nullFor(401, () => doorbell.me(appToken))) !== null

const createTokens = async (doorbell: DoorbellClient, adminToken: string | null): Promise<Tokens> => {
  if (adminToken === null)
    throw new Explained(
      'The first start needs the operator’s token to create a tenant: set DOORBELL_ADMIN_TOKEN to the token that `npm start` printed, or start the app in the folder in which you ran `npm start`.',
    )
  if ((await nullFor(401, () => doorbell.putTenant(adminToken, tenant, 'The host app'))) === null)
    throw new Explained(
      'Doorbell does not accept this operator’s token. Set DOORBELL_ADMIN_TOKEN to the token that `npm start` printed.',
    )
  return {
    tenant,
    publishToken: await doorbell.createToken(adminToken, tenant, 'The platform publishes', ['events:write']),
    appToken: await doorbell.createToken(adminToken, tenant, 'The host app subscribes', [
      'subscriptions:read',
      'subscriptions:write',
    ]),
  }
}

/** Finds the stored subscription, updates its address and resumes it if necessary. Null if it was deleted. */
const findSubscription = async (
  doorbell: DoorbellClient,
  kept: Registration,
  webhookUrl: string,
): Promise<Registration | null> => {
  const { appToken, subscriptionId: id } = kept
  const found = await nullFor(404, () => doorbell.subscription(appToken, tenant, id))
  if (found === null) return null
  if (found.url !== webhookUrl) await allowed(webhookUrl, () => doorbell.changeUrl(appToken, tenant, id, webhookUrl))
  if (found.status !== 'active') await doorbell.resume(appToken, tenant, id)
  return kept
}

const createSubscription = async (
  doorbell: DoorbellClient,
  { appToken }: Tokens,
  url: string,
): Promise<Pick<Registration, 'subscriptionId' | 'secret'>> => {
  // With order per visit, a host is never notified of a visitor who has already left.
  const wanted = { url, description: 'The host app', eventTypes, ordering: 'visit' }
  const { id, secret = '' } = await allowed(url, () => doorbell.subscribe(appToken, tenant, wanted))
  return { subscriptionId: id, secret }
}

/** Sends a signed sample to the app. Throws Explained if it does not arrive, so that a wrong setup is found before the first visitor. */
export const testDelivery = async (doorbell: DoorbellClient, registration: Registration, webhookUrl: string) => {
  const { appToken, subscriptionId } = registration
  const { status, attempts } = await doorbell.test(appToken, tenant, subscriptionId, 'visit.checked_in')
  const last = attempts.at(-1)
  if (last?.error === 'refused_address') throw refused(webhookUrl, 'this address is not allowed')
  if (status !== 'delivered')
    throw new Explained(`Doorbell's test event to ${webhookUrl} failed (${last?.status ?? last?.error ?? status}).`)
  return { tookMs: last?.tookMs ?? 0 }
}

const allowed = async <T>(url: string, work: () => Promise<T>): Promise<T> => {
  try {
    return await work()
  } catch (error) {
    throw error instanceof DoorbellProblem && error.code === 'url_refused' ? refused(url, error.message) : error
  }
}

const refused = (url: string, why: string) =>
  new Explained(
    `Doorbell does not deliver to ${url}: ${why}. It does not deliver to private networks unless the operator allows it. Start Doorbell with\n  ${allowing}`,
  )

/** The result of a call; null if the call fails with this status. */
const nullFor = async <T>(status: number, work: () => Promise<T>): Promise<T | null> => {
  try {
    return await work()
  } catch (error) {
    if (error instanceof DoorbellProblem && error.status === status) return null
    throw error
  }
}
