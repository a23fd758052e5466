import type { IncomingMessage } from 'node:http'
import { VerificationError } from './verification-error.ts'

/** Many times the size of the largest webhook, which has at most 64 KiB of data. */
export const bodyLimit = 1024 * 1024

/** What body parsers leave on a request. */
export interface Parsed {
  readonly rawBody?: unknown
  readonly body?: unknown
}

/**
 * Returns the raw bytes of a request of Node: those that a parser has kept, or those of the connection. A parsed object is of no use, because the
 * signature covers the bytes. Throws VerificationError `body_already_read`, `body_too_large` or `body_incomplete`.
 */
export const readRawBody = async (request: IncomingMessage, { rawBody, body }: Parsed = {}): Promise<Uint8Array> => {
  for (const kept of [rawBody, body]) {
    if (kept instanceof Uint8Array) return kept
    if (typeof kept === 'string') return Buffer.from(kept)
  }
  // A parser that has begun to read would leave only the rest.
  if (request.readableEnded || request.readableDidRead) throw alreadyRead(mountFirst)
  // Rejecting before reading lets the sender receive the reply.
  if (Number(request.headers['content-length']) > bodyLimit) throw tooLarge()
  return readAll(request as AsyncIterable<Uint8Array>)
}

/** Returns the raw bytes of a `Request`. Throws as `readRawBody` does. */
export const readRequestBody = async ({ body, bodyUsed }: Request): Promise<Uint8Array> => {
  if (bodyUsed || body?.locked === true) throw alreadyRead('Pass the request on unread, or pass a clone of it.')
  return body === null ? new Uint8Array() : readAll(body)
}

/** Reads a whole body. Throws if it exceeds the limit. */
export const readAll = async (chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> => {
  const read: Uint8Array[] = []
  let length = 0
  try {
    for await (const chunk of chunks) {
      length += chunk.length
      if (length > bodyLimit) throw tooLarge()
      read.push(chunk)
    }
  } catch (error) {
    if (error instanceof VerificationError) throw error
    throw new VerificationError('body_incomplete', 'The connection ended before the whole body had arrived.', error)
  }
  return Buffer.concat(read)
}

const mountFirst =
  'Mount the receiver before any body parser, or give its path a parser that keeps the bytes, such as express.raw().'

/** `fix`: how the caller hands the bytes over. */
export const alreadyRead = (fix: string): VerificationError =>
  new VerificationError(
    'body_already_read',
    `The body was read before the webhook was verified, and the signature covers its raw bytes. ${fix}`,
  )

const tooLarge = () => new VerificationError('body_too_large', 'The body is larger than any webhook of Doorbell.')
