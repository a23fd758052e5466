/** The parts of an endpoint's url that each attempt needs. */
export interface EndpointUrl {
  readonly protocol: string
  readonly origin: string
  readonly hostname: string
  /** With the query, as the request line has it. */
  readonly path: string
  /** The form for rows, logs and spans: without credentials and with masked query values, since both may hold tokens. */
  readonly shown: string
}

const capacity = 10_000
const known = new Map<string, EndpointUrl | null>()

/** Returns the parts of a url, or null when the text is not a url. Cached, because each of an endpoint's many attempts needs them several times. */
export const endpointUrl = (text: string): EndpointUrl | null => {
  let parts = known.get(text)
  if (parts !== undefined) return parts
  const [oldest] = known.keys()
  if (known.size >= capacity && oldest !== undefined) known.delete(oldest)
  parts = read(text)
  known.set(text, parts)
  return parts
}

const read = (text: string): EndpointUrl | null => {
  const url = URL.parse(text)
  if (url === null) return null
  const { protocol, origin, hostname, pathname, search } = url
  return { protocol, origin, hostname, path: pathname + search, shown: shownUrl(url) }
}

/** Returns a url without credentials and query values. */
export const shownUrl = (url: URL): string => {
  url.username = ''
  url.password = ''
  url.search = url.search.replaceAll(/[^&]+/g, masked)
  return url.href
}

/** A part without `=` may be a token by itself. */
const masked = (part: string): string => (part.includes('=') ? `${part.slice(0, part.indexOf('='))}=***` : '***')
