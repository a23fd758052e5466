import type { SubscriptionSettings } from './subscription-settings.ts'

/** What a customer wants to be sent with each request: stored sealed, shown masked. */
export type RequestExtras = Pick<SubscriptionSettings, 'headers' | 'auth'>

/** How a request authenticates to the receiver, beside Doorbell’s signature. */
export type OutboundAuth = NonNullable<RequestExtras['auth']>

/** Stands for a value that is not shown again. Sent back in a change, it keeps that value. */
export const mask = '***'

export const extraHeaders = ({ headers = {}, auth }: RequestExtras): Record<string, string> =>
  auth === undefined ? { ...headers } : { ...headers, authorization: authorization(auth) }

/** RFC 6750 §2.1, RFC 7617 §2. */
const authorization = (auth: OutboundAuth): string =>
  auth.type === 'bearer'
    ? `Bearer ${auth.token}`
    : `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString('base64')}`

/** The part that is stored in clear text beside the sealed one: enough to show what is set. */
export const shownExtras = ({ headers, auth }: RequestExtras): RequestExtras => ({
  ...(headers && { headers: Object.fromEntries(Object.keys(headers).map(name => [name, mask])) }),
  ...(auth && { auth: shownAuth(auth) }),
})

const shownAuth = (auth: OutboundAuth): OutboundAuth =>
  auth.type === 'bearer' ? { type: 'bearer', token: mask } : { type: 'basic', username: auth.username, password: mask }
