import { type ParseError, parse as parseJsonc } from 'jsonc-parser'
import getRawBody from 'raw-body'
import type { Context } from 'koa'
import { Failure } from '../../domain/failure.ts'
import { duplicateNames, parseExactly } from '../../intake/exact-json.ts'

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false })

/** Reads the body of a request as JSON. Throws Failure for another type, too many bytes, bytes that are not UTF-8, and text that is not JSON. */
export const readJson = async (context: Context, limitBytes: number): Promise<unknown> => {
  // Media types and encodings are case-insensitive (RFC 9110 §8.3.1, §8.4.1); parameters say nothing about JSON.
  const type = context.request.type.trim().toLowerCase()
  if (type !== 'application/json' && !type.endsWith('+json'))
    throw new Failure(
      'unsupported_media_type',
      `Send JSON with content-type: application/json${type === '' ? '' : `, not ${type}`}.`,
    )
  const encoding = context.get('content-encoding').trim().toLowerCase()
  if (encoding !== '' && encoding !== 'identity')
    throw new Failure('unsupported_media_type', `Send the body without content-encoding, not as ${encoding}.`)
  return parse(decode(await readBytes(context, limitBytes)))
}

/** Reads the body of a call that needs none: undefined where there is none. */
export const readOptionalJson = async (context: Context, limitBytes: number): Promise<unknown> => {
  const { length } = context.request
  const none = length === 0 || (length === undefined && context.get('transfer-encoding') === '')
  return none ? undefined : readJson(context, limitBytes)
}

const readBytes = async (context: Context, limitBytes: number): Promise<Uint8Array> => {
  const { length } = context.request
  const tooLarge = (bytes: string) =>
    new Failure(
      'payload_too_large',
      `The body is ${bytes}; the limit is ${limitBytes} bytes (${limitBytes / 1_024} KiB).`,
    )
  if (length !== undefined && length > limitBytes) {
    // The rest stays unread, so the connection must not be used again.
    context.set('Connection', 'close')
    throw tooLarge(`${length} bytes`)
  }
  return getRawBody(context.req, { limit: limitBytes }).catch((error: unknown) => {
    const { type } = error as { type?: unknown }
    if (type === 'entity.too.large') {
      context.set('Connection', 'close')
      throw tooLarge('larger')
    }
    throw new Failure('invalid_request', 'The body ended early.', { cause: error })
  })
}

const decode = (bytes: Uint8Array): string => {
  try {
    return decoder.decode(bytes)
  } catch (error) {
    throw new Failure('not_utf8', 'The body is not UTF-8 (RFC 8259 §8.1). Encode it as UTF-8.', { cause: error })
  }
}

const parse = (text: string): unknown => {
  try {
    const value = parseExactly(text)
    refuseDuplicates(text, value)
    return value
  } catch (error) {
    if (error instanceof Failure) throw error
    const detail =
      text.trim() === '' ? 'The body is empty: send JSON.' : `The body is not JSON: see position ${faultAt(text)}.`
    throw new Failure('malformed_json', detail, { cause: error })
  }
}

/** Where a text stops being JSON, counted in characters from 0. The engine's own message names no position for most faults. */
const faultAt = (text: string): number => {
  const errors: ParseError[] = []
  parseJsonc(text, errors, { disallowComments: true, allowTrailingComma: false })
  return errors[0]?.offset ?? text.length
}

const refuseDuplicates = (text: string, value: unknown): void => {
  const faults = duplicateNames(text, value)
  const [first] = faults
  if (first !== undefined) throw new Failure('invalid_request', `${first.pointer} ${first.detail}`, { faults })
}
