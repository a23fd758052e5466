import { Explained } from '../settings.ts'
import { type DoorbellClient, DoorbellProblem } from './client.ts'

/** What the first start made at Doorbell, and every later one uses again. */
export interface Registration {
  readonly tenant: string
  /** `events:write`: what the platform publishes with. */
  readonly publishToken: string
  /** `subscriptions:read` and `subscriptions:write`: what the app subscribes with. */
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

/** Finds the app's tenant, tokens and subscription at Doorbell, or makes what is missing. Throws Explained with what to do. */
export const register = async (
  doorbell: DoorbellClient,
  store: RegistrationStore,
  { adminToken, webhookUrl }: { readonly adminToken: string | null; readonly webhookUrl: string },
): Promise<Registration> => {
  const kept = store.load()
  const known = kept !== null && (await tokensWork(doorbell, kept)) ? kept : null
  const tokens = known ?? (await makeTokens(doorbell, adminToken))
  const registration = (known && (await findSubscription(doorbell, known, webhookUrl))) ?? {
    ...tokens,
    ...(await makeSubscription(doorbell, tokens, webhookUrl)),
  }
  store.save(registration)
  return registration
}

type Tokens = Pick<Registration, 'tenant' | 'publishToken' | 'appToken'>

const tokensWork = async (doorbell: DoorbellClient, { publishToken, appToken }: Tokens): Promise<boolean> =>
  (await answered(401, () => doorbell.me(publishToken))) !== null &&
  (await answered(401, () => doorbell.me(appToken))) !== null

const makeTokens = async (doorbell: DoorbellClient, adminToken: string | null): Promise<Tokens> => {
  if (adminToken === null)
    throw new Explained(
      'The first start needs the operator’s token, to make a tenant: set DOORBELL_ADMIN_TOKEN to what `npm start` printed, or start in the folder where `npm start` keeps its data.',
    )
  if ((await answered(401, () => doorbell.putTenant(adminToken, tenant, 'The host app'))) === null)
    throw new Explained(
      'Doorbell does not know this operator’s token. Set DOORBELL_ADMIN_TOKEN to what `npm start` printed.',
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

/** The subscription that was made before, with today's url and active; null when it is gone. */
const findSubscription = async (
  doorbell: DoorbellClient,
  kept: Registration,
  webhookUrl: string,
): Promise<Registration | null> => {
  const { appToken, subscriptionId: id } = kept
  const found = await answered(404, () => doorbell.subscription(appToken, tenant, id))
  if (found === null) return null
  if (found.url !== webhookUrl) await allowed(webhookUrl, () => doorbell.changeUrl(appToken, tenant, id, webhookUrl))
  if (found.status !== 'active') await doorbell.resume(appToken, tenant, id)
  return kept
}

const makeSubscription = async (
  doorbell: DoorbellClient,
  { appToken }: Tokens,
  url: string,
): Promise<Pick<Registration, 'subscriptionId' | 'secret'>> => {
  // In order per visit: nobody is told of a visitor who has left already.
  const wanted = { url, description: 'The host app', eventTypes, ordering: 'visit' }
  const { id, secret = '' } = await allowed(url, () => doorbell.subscribe(appToken, tenant, wanted))
  return { subscriptionId: id, secret }
}

/** Sends a signed sample through everything, and throws Explained when it does not arrive: better now than at the first visitor. */
export const tryBell = async (doorbell: DoorbellClient, registration: Registration, webhookUrl: string) => {
  const { appToken, subscriptionId } = registration
  const { status, attempts } = await doorbell.test(appToken, tenant, subscriptionId, 'visit.checked_in')
  const last = attempts.at(-1)
  if (last?.error === 'refused_address') throw refused(webhookUrl, 'this address is not allowed')
  if (status !== 'delivered')
    throw new Explained(
      `Doorbell's test of ${webhookUrl} was not answered with success (${last?.status ?? last?.error ?? status}).`,
    )
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
    `Doorbell does not deliver to ${url}: ${why}. It delivers to no machine of its own network unless the operator allows it. Start it with\n  ${allowing}`,
  )

/** The result; null when the answer is this status. */
const answered = async <T>(status: number, work: () => Promise<T>): Promise<T | null> => {
  try {
    return await work()
  } catch (error) {
    if (error instanceof DoorbellProblem && error.status === status) return null
    throw error
  }
}
