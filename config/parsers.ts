import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import ipaddr from 'ipaddr.js'

/** Turns a setting's text into its value. What it throws completes the sentence `"<text>" …` and says what to write instead. */
export interface Parser<T> {
  (text: string): T
  /** The texts that it accepts, as `--help` prints them; absent where the setting's meaning says it. */
  readonly accepts?: string
}

export const anyText: Parser<string> = text => text

export const absolutePath: Parser<string> = text => resolve(text)

export const wholeNumber = (least: number, most: number): Parser<number> =>
  Object.assign(
    (text: string): number => {
      const value = Number(text)
      if (!/^\d+$/.test(text) || value < least || value > most)
        throw new Error(`must be a whole number from ${least} to ${most}`)
      return value
    },
    { accepts: `${least}–${most}` },
  )

export const oneOf = <const T extends string>(...values: readonly T[]): Parser<T> =>
  Object.assign(
    (text: string): T => {
      const found = values.find(value => value === text)
      if (found === undefined) throw new Error(`must be one of: ${values.join(', ')}`)
      return found
    },
    { accepts: values.join(', ') },
  )

export const trueOrFalse: Parser<boolean> = Object.assign(
  (text: string): boolean => oneOf('true', 'false')(text) === 'true',
  { accepts: 'true, false' },
)

/** Protocols as `URL` has them, e.g. `https:`. The value has no final slash. */
export const url =
  (...protocols: readonly string[]): Parser<string> =>
  text => {
    checkUrl(protocols, text)
    return text.replace(/\/+$/, '')
  }

/** A URL that is compared as text with another party's, so its final slash stays. */
export const exactUrl =
  (...protocols: readonly string[]): Parser<string> =>
  text => {
    checkUrl(protocols, text)
    return text
  }

const checkUrl = (protocols: readonly string[], text: string): void => {
  const parsed = URL.parse(text)
  if (parsed === null || !protocols.includes(parsed.protocol))
    throw new Error(`must be a URL that begins with ${protocols.join('// or ')}//`)
}

/** One or more servers, separated by commas; only the first needs its protocol. */
export const serverUrls =
  (...protocols: readonly string[]): Parser<string> =>
  text => {
    if (!protocols.some(protocol => text.startsWith(`${protocol}//`)))
      throw new Error(`must begin with ${protocols.join('// or ')}//`)
    return text
  }

/** An address range in CIDR notation (RFC 4632). */
export const addressRange: Parser<string> = text => {
  if (ipaddr.isValidCIDR(text)) return text
  throw new Error(`has "${text}", which is not an address range: write e.g. 127.0.0.0/8 or fd00::/8`)
}

/** An origin (RFC 6454), or `*`. */
export const origin: Parser<string> = text => {
  if (text === '*' || URL.parse(text)?.origin === text) return text
  throw new Error(`has "${text}", which is not an origin: write e.g. https://portal.example.com, without a path`)
}

/** Values separated by commas. */
export const listOf =
  <T>(parseOne: Parser<T>): Parser<readonly T[]> =>
  text =>
    text
      .split(',')
      .map(part => part.trim())
      .filter(Boolean)
      .map(parseOne)

/** A port such as `443`, or a range such as `8000-8999`. */
export const portRange: Parser<readonly [from: number, to: number]> = text => {
  const [from = '', to = from] = text.split('-')
  const port = wholeNumber(1, 65_535)
  const range = [port(from), port(to)] as const
  if (range[0] > range[1]) throw new Error(`has "${text}", which ends before it begins: write e.g. 8000-8999`)
  return range
}

/** A DNS server: an address, with a port if it is not 53, e.g. `10.0.0.53:5353` or `[fd00::53]:5353`. */
export const dnsServer: Parser<string> = text => {
  const [, bracketed, plain, port = '53'] = /^(?:\[(.+)\]|([^[\]:]+))(?::(\d+))?$/.exec(text) ?? []
  const address = bracketed ?? plain ?? text
  if (ipaddr.isValid(address) && Number(port) >= 1 && Number(port) <= 65_535) return text
  throw new Error(`has "${text}", which is not a DNS server: write e.g. 10.0.0.53, 10.0.0.53:5353 or [fd00::53]:5353`)
}

export const token: Parser<string> = text => {
  if (text.length >= 16) return text
  throw new Error('is too short: use at least 16 characters, e.g. from `openssl rand -hex 24`')
}

export const base64Key =
  (bytes: number): Parser<Uint8Array> =>
  text => {
    const key = Buffer.from(text, 'base64')
    if (key.length === bytes) return key
    throw new Error(
      `must be ${bytes} bytes as base64, but is ${key.length} bytes: create one with \`openssl rand -base64 ${bytes}\``,
    )
  }

/** The text of a file with certificates. */
export const pemFile: Parser<string> = path => {
  const text = readFileSync(path, 'utf8')
  if (!text.includes('-----BEGIN CERTIFICATE-----')) throw new Error('must be a file with certificates in PEM')
  return text
}
