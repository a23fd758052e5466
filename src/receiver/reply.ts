export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** JSON, or empty. */
  readonly body: string
}

const retryAfterS = 5

export const done: Reply = { status: 204, headers: {}, body: '' }

export const json = (status: number, body: object, headers: Reply['headers'] = {}): Reply => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
})

const titles = {
  400: 'Bad Request',
  401: 'Unauthorized',
  405: 'Method Not Allowed',
  413: 'Content Too Large',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
} as const

/** RFC 9457. Doorbell shows it to the administrators with the delivery. A 503 asks for a retry in five seconds. */
export const problem = (
  status: keyof typeof titles,
  code: string,
  detail: string,
  headers: Reply['headers'] = {},
): Reply =>
  json(
    status,
    { type: 'about:blank', title: titles[status], status, code, detail },
    {
      'content-type': 'application/problem+json',
      ...(status === 503 ? { 'retry-after': String(retryAfterS) } : {}),
      ...headers,
    },
  )
