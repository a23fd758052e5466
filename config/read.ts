import { readFileSync } from 'node:fs'
import ipaddr from 'ipaddr.js'

/** Readers of settings: text in, value out. What they throw completes the sentence `"<value>" …` and names the remedy. */
export const readWhole =
  (least: number, most: number) =>
  (text: string): number => {
    const value = Number(text)
    if (!/^\d+$/.test(text) || value < least || value > most)
      throw new Error(`must be a whole number from ${least} to ${most}`)
    return value
  }

export const oneOf =
  <const T extends string>(...values: readonly T[]) =>
  (text: string): T => {
    const found = values.find(value => value === text)
    if (found === undefined) throw new Error(`must be one of: ${values.join(', ')}`)
    return found
  }

export const readBoolean = (text: string): boolean => oneOf('true', 'false')(text) === 'true'

/** A url without its final slash. */
export const readUrl =
  (protocols: readonly string[]) =>
  (text: string): string => {
    const url = URL.parse(text)
    if (url === null || !protocols.includes(url.protocol))
      throw new Error(`must be a url that begins with ${protocols.join('// or ')}//`)
    return text.replace(/\/+$/, '')
  }

/** One or more servers, separated by commas; only the first needs its protocol. */
export const readUrls =
  (protocols: readonly string[]) =>
  (text: string): string => {
    if (!protocols.some(protocol => text.startsWith(`${protocol}//`)))
      throw new Error(`must begin with ${protocols.join('// or ')}//`)
    return text
  }

/** Address ranges in CIDR notation, separated by commas. */
export const readRanges = (text: string): string[] => {
  const ranges = text
    .split(',')
    .map(range => range.trim())
    .filter(Boolean)
  for (const range of ranges)
    if (!ipaddr.isValidCIDR(range))
      throw new Error(`has "${range}", which is no address range: write e.g. 127.0.0.0/8 or fd00::/8`)
  return ranges
}

/** Origins (RFC 6454), separated by commas, or `*`. */
export const readOrigins = (text: string): string[] => {
  const origins = text
    .split(',')
    .map(origin => origin.trim())
    .filter(Boolean)
  for (const origin of origins)
    if (origin !== '*' && URL.parse(origin)?.origin !== origin)
      throw new Error(`has "${origin}", which is no origin: write e.g. https://portal.example.com, without a path`)
  return origins
}

export const readBase64Key =
  (bytes: number) =>
  (text: string): Uint8Array => {
    const key = Buffer.from(text, 'base64')
    if (key.length !== bytes)
      throw new Error(
        `must be ${bytes} bytes as base64, but is ${key.length} bytes: make one with \`openssl rand -base64 ${bytes}\``,
      )
    return key
  }

/** Several of them, separated by commas. */
export const readEach =
  <T>(reader: (text: string) => T) =>
  (text: string): T[] =>
    text
      .split(',')
      .map(part => part.trim())
      .filter(Boolean)
      .map(reader)

/** `443` or `8000-8999`. */
export const readPortRange = (text: string): readonly [from: number, to: number] => {
  const [from = '', to = from] = text.split('-')
  const port = readWhole(1, 65_535)
  const range = [port(from), port(to)] as const
  if (range[0] > range[1]) throw new Error(`has "${text}", whose end lies before its begin`)
  return range
}

export const readPemFile = (path: string): string => {
  const text = readFileSync(path, 'utf8')
  if (!text.includes('-----BEGIN CERTIFICATE-----')) throw new Error('must be a file with certificates in PEM')
  return text
}
