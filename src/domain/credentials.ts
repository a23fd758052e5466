/** How we prove to a receiver that we may call it, beside our signature. */
export type OutboundAuth =
  | { readonly type: 'bearer'; readonly token: string }
  | { readonly type: 'basic'; readonly username: string; readonly password: string }

/** What a customer gives us to send with each request: kept sealed, shown masked. */
export interface RequestExtras {
  readonly headers?: Readonly<Record<string, string>>
  readonly auth?: OutboundAuth
}

/** In place of what is not shown again. Sent back in a change, it keeps what is there. */
export const mask = '***'

export const extraHeaders = ({ headers = {}, auth }: RequestExtras): Record<string, string> =>
  auth === undefined ? { ...headers } : { ...headers, authorization: authorization(auth) }

/** RFC 6750 §2.1, RFC 7617 §2. */
const authorization = (auth: OutboundAuth): string =>
  auth.type === 'bearer'
    ? `Bearer ${auth.token}`
    : `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString('base64')}`

/** What stands in the clear beside the sealed: enough to show what there is. */
export const shownExtras = ({ headers, auth }: RequestExtras): RequestExtras => ({
  ...(headers === undefined ? {} : { headers: Object.fromEntries(Object.keys(headers).map(name => [name, mask])) }),
  ...(auth === undefined
    ? {}
    : { auth: auth.type === 'bearer' ? { ...auth, token: mask } : { ...auth, password: mask } }),
})
