import { Explained } from '../settings.ts'

export interface Subscription {
  readonly id: string
  readonly url: string
  readonly status: 'active' | 'paused' | 'disabled'
  /** `whsec_…`. Only the answer to the creation contains it. */
  readonly secret?: string
}

export interface VisitEvent {
  readonly id: string
  readonly type: string
  readonly visitId: string
  readonly timestamp: string
  readonly data: object
}

interface TestDelivery {
  readonly status: string
  readonly attempts: readonly { readonly status?: number; readonly error?: string; readonly tookMs: number }[]
}

/** A problem that Doorbell answered (RFC 9457 problem+json). */
export class DoorbellProblem extends Error {
  readonly status: number
  readonly code: string
  constructor(status: number, code: string, detail: string) {
    super(detail)
    this.status = status
    this.code = code
  }
}

const timeoutMs = 15_000

/** The calls of Doorbell's REST API that this example makes. Each rejects with DoorbellProblem, or with Explained if Doorbell does not answer. */
export const createDoorbellClient = (base: string) => {
  const call = async <T>(method: string, path: string, token: string | null, body?: object): Promise<T> => {
    const answer = await fetch(base + path, {
      method,
      headers: {
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      signal: AbortSignal.timeout(timeoutMs),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }).catch((error: unknown) => {
      throw new Explained(`No answer from ${base}: is Doorbell running? Start it with \`npm start\`.`, {
        cause: error,
      })
    })
    const read = (await answer.json().catch(() => ({}))) as T & { code?: string; detail?: string }
    if (!answer.ok)
      throw new DoorbellProblem(answer.status, read.code ?? '', read.detail ?? `${method} ${path}: ${answer.status}`)
    return read
  }
  const subscriptions = (tenant: string) => `/v1/tenants/${tenant}/subscriptions`

  return {
    /** Resolves to the issuer of the signatures, which is Doorbell's PUBLIC_URL. */
    issuer: async (): Promise<string> => {
      const { servers } = await call<{ servers?: { url: string }[] }>('GET', '/openapi.json', null)
      const url = servers?.[0]?.url
      if (url === undefined) throw new Explained(`The server at ${base} is not Doorbell. Set DOORBELL_URL.`)
      return url
    },
    putTenant: (adminToken: string, tenant: string, name: string) =>
      call('PUT', `/v1/tenants/${tenant}`, adminToken, { name }),
    createToken: async (adminToken: string, tenant: string, description: string, scopes: string[]): Promise<string> =>
      (await call<{ token: string }>('POST', `/v1/tenants/${tenant}/tokens`, adminToken, { description, scopes }))
        .token,
    /** Rejects with 401 for a token that is no longer valid. */
    me: (token: string) => call<{ tenant: string | null }>('GET', '/v1/me', token),
    subscribe: (token: string, tenant: string, settings: object) =>
      call<Subscription>('POST', subscriptions(tenant), token, settings),
    subscription: (token: string, tenant: string, id: string) =>
      call<Subscription>('GET', `${subscriptions(tenant)}/${id}`, token),
    changeUrl: (token: string, tenant: string, id: string, url: string) =>
      call<Subscription>('PATCH', `${subscriptions(tenant)}/${id}`, token, { url }),
    resume: (token: string, tenant: string, id: string) =>
      call<Subscription>('POST', `${subscriptions(tenant)}/${id}/resume`, token, {}),
    test: (token: string, tenant: string, id: string, type: string) =>
      call<TestDelivery>('POST', `${subscriptions(tenant)}/${id}/test`, token, { type }),
    publish: (token: string, tenant: string, event: VisitEvent) =>
      call<{ id: string; duplicate: boolean; traceId: string }>('POST', `/v1/tenants/${tenant}/events`, token, event),
  }
}

export type DoorbellClient = ReturnType<typeof createDoorbellClient>
