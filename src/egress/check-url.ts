import { Failure } from '../domain/failure.ts'
import { type AddressGuard, addressOf } from './addresses.ts'
import type { ResolveAll } from './names/resolved.ts'

const refused = (detail: string) =>
  new Failure('url_refused', `The url cannot be used: ${detail}`, { faults: [{ pointer: '/url', detail }] })

export interface UrlRules {
  readonly guard: AddressGuard
  readonly portAllowed: (url: URL) => boolean
  /** Whether plain http is allowed. */
  readonly http: boolean
  readonly resolveAll: ResolveAll
}

/**
 * Checks a url when a customer configures it, so that an error shows at once. Throws Failure `url_refused`. The decisive check is made at every
 * connect. A name that does not resolve yet is allowed.
 */
export const checkUrl = async (text: string, { guard, portAllowed, http, resolveAll }: UrlRules): Promise<void> => {
  const placeholder = placeholderIn.exec(text)?.[0]
  if (placeholder !== undefined)
    throw refused(`it contains ${placeholder}, and Doorbell fills in no placeholders. Write the value itself`)
  const wrongEscape = wrongEscapeIn.exec(text)?.[0]
  if (wrongEscape !== undefined)
    throw refused(
      `it contains ${wrongEscape}, and % must begin an escape of two hexadecimal digits. Write %25 for a percent sign`,
    )
  const url = URL.parse(text)
  if (url === null) throw refused('it is not an absolute url. Use e.g. https://example.com/webhooks')
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw refused(`${url.protocol} is not supported. Use https`)
  if (url.protocol === 'http:' && !http) throw refused('plain http is not allowed here. Use https')
  if (url.username !== '' || url.password !== '')
    throw refused('it contains credentials. Use the subscription’s auth instead')
  if (url.hash !== '')
    throw refused('it contains a fragment, which is never sent. Remove the # and everything after it')
  if (!portAllowed(url))
    throw refused(
      `deliveries to port ${url.port} are not allowed. Use 443, or ask the operator (DOORBELL_EGRESS_PORTS)`,
    )
  const address = addressOf(url.hostname)
  if (address !== null && !writtenPlainly(text, url))
    throw refused(`its address is written in an unusual form. Use ${url.host}`)
  if (address !== null && !guard.allows(address)) throw refused(privateRange(address))
  if (address !== null) return
  const addresses = await resolveAll(url.hostname).catch(() => [])
  const bad = addresses.find(found => !guard.allows(found.address))
  if (bad !== undefined) throw refused(`${url.hostname} resolves to ${bad.address}. ${privateRange(bad.address)}`)
}

/** `{tenant}`, `${TENANT}`, `<tenant>`: braces and angle brackets are no characters of a url (RFC 3986 §2). */
const placeholderIn = /\$?\{[^}]*\}?|<[^>]*>?|[}>]/
/** RFC 3986 §2.1. */
const wrongEscapeIn = /%(?![0-9a-f]{2}).{0,2}/i

const privateRange = (address: string): string =>
  `${address} is in a private or reserved range. The operator can allow it with DOORBELL_EGRESS_ALLOW`

/** Decimal, octal, hexadecimal and short forms of an address hide the target of a request; the URL parser writes them out, so they differ. */
const writtenPlainly = (text: string, url: URL): boolean => text.toLowerCase().includes(`//${url.hostname}`)
