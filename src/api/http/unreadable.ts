import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { problemKinds } from './problem-kinds.ts'

/** Answers what Node’s parser cannot read as a request with a problem like any other, and ends the connection. */
export const answerUnreadable =
  (publicUrl: () => string) =>
  (error: NodeJS.ErrnoException, socket: Socket): void => {
    if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
    const code = error.code === 'HPE_HEADER_OVERFLOW' ? 'headers_too_large' : 'invalid_request'
    const { status, title, remedy } = problemKinds[code]
    const detail = code === 'headers_too_large' ? remedy : 'The request is not valid HTTP/1.1 (RFC 9112).'
    const body = JSON.stringify({ type: `${publicUrl()}/problems/${code}`, title, status, code, detail, traceId: null })
    const head = [
      `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
      'Content-Type: application/problem+json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Connection: close',
    ]
    socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
  }
