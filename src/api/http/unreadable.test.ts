import test from 'ava'
import { answerUnreadable } from './unreadable.ts'

/** What is sent on the socket, or null where it is only closed. */
const answerTo = (code: string, writable = true) => {
  let [sent, isClosed] = ['', false]
  const socket = { writable, end: (text: string) => void (sent = text), destroy: () => void (isClosed = true) }
  answerUnreadable(() => 'https://doorbell.test')({ code } as NodeJS.ErrnoException, socket as never)
  return isClosed ? null : sent
}

test('what is no HTTP is answered with a problem, and the connection ends', t => {
  const [head = '', body = ''] = (answerTo('HPE_INVALID_METHOD') ?? '').split('\r\n\r\n')
  t.deepEqual(head.split('\r\n'), [
    'HTTP/1.1 400 Bad Request',
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ])
  t.deepEqual(JSON.parse(body), {
    type: 'https://doorbell.test/problems/invalid_request',
    title: 'Invalid request',
    status: 400,
    code: 'invalid_request',
    detail: 'The request is not valid HTTP/1.1 (RFC 9112).',
    traceId: null,
  })
})

test('headers that are too long get 431 with the limit', t => {
  const [head = '', body = ''] = (answerTo('HPE_HEADER_OVERFLOW') ?? '').split('\r\n\r\n')
  t.regex(head, /^HTTP\/1\.1 431 Request Header Fields Too Large\r\n/)
  t.like(JSON.parse(body), { code: 'headers_too_large', status: 431, detail: 'Shorten them to 16 KiB in total.' })
})

test('a client that is gone gets no answer', t => {
  t.is(answerTo('ECONNRESET'), null)
  t.is(answerTo('HPE_INVALID_METHOD', false), null)
})
