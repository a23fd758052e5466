import { IncomingMessage, type RequestListener, ServerResponse } from 'node:http'
import { Duplex } from 'node:stream'
import type { Socket } from 'node:net'

export interface Request {
  readonly method: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

export interface Answer {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
}

/** A connection that exists in this process only: it keeps what is written to it. */
class Wire extends Duplex {
  readonly remoteAddress = '192.0.2.1'
  readonly encrypted = false
  written = ''

  override _read(): void {
    // Nothing comes from here: the request's body is put into the request itself.
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.written += chunk.toString('utf8')
    done()
  }

  setTimeout(): this {
    return this
  }

  setKeepAlive(): this {
    return this
  }

  setNoDelay(): this {
    return this
  }
}

/** Gives a request to a server's listener without a socket, so that no answer depends on the real network. */
export const callListener = (listener: RequestListener, { method, path, headers, body }: Request): Promise<Answer> =>
  new Promise(resolve => {
    const wire = new Wire()
    const request = new IncomingMessage(wire as unknown as Socket)
    const text = body === undefined ? '' : JSON.stringify(body)
    Object.assign(request, { method, url: path, httpVersion: '1.1', httpVersionMajor: 1, httpVersionMinor: 1 })
    Object.assign(request.headers, {
      host: 'doorbell.test',
      ...(body === undefined
        ? {}
        : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(text)) }),
      ...headers,
    })
    if (text !== '') request.push(text)
    request.push(null)
    request.complete = true
    const response = new ServerResponse(request)
    response.assignSocket(wire as unknown as Socket)
    response.on('finish', () => {
      const sent = wire.written.slice(wire.written.indexOf('\r\n\r\n') + 4)
      resolve({ status: response.statusCode, body: readJson(sent) })
    })
    listener(request, response)
  })

const readJson = (text: string): Answer['body'] => {
  try {
    return JSON.parse(text) as Answer['body']
  } catch {
    return {}
  }
}
