import { Subject as Emitter } from 'rxjs'
import { Failure } from '../../../../src/domain/failure.ts'
import { failureOfRequest } from '../../../../src/streams/faults.ts'
import type { Link } from '../link.ts'
import type { ModelPorts } from '../ports.ts'
import type { ServerConnection, StreamServer, Subject } from './server.ts'

/** The client of NATS as Doorbell sets it up: it connects again by itself, and requests end by their timeout. */
export interface Connection {
  readonly isUp: boolean
  readonly isClosed: boolean
  /** The connection as the server sees it; null while it is down. */
  readonly current: ServerConnection | null
  /** Asks the server. Throws Failure `streams_unavailable` when the connection is down, or no answer comes in time. */
  request<T>(work: (server: StreamServer) => T): Promise<T>
  /** Sends without an answer. It is lost while the connection is down. */
  send(work: (server: StreamServer) => void): void
  /** Resolves when the server answers; rejects when the connection is lost. */
  flush(): Promise<void>
  readonly signals$: Emitter<{ readonly subject: Subject; readonly text: string }>
  /** Emits when the connection is there again. */
  readonly returns$: Emitter<void>
  readonly now: () => number
  readonly after: ModelPorts['after']
  close(): Promise<void>
}

const timeoutMs = 5_000
const reconnectMs = 250
/** The client pings every 5 s, and gives up when two pings are not answered. */
const [noticeMs, noticeJitterMs] = [10_000, 5_000]

export const away = () =>
  new Failure('streams_unavailable', 'The event store cannot be reached. Retry the request.', {
    retryAfterS: 2,
    internal: 'the connection to NATS is down: check that nats-server runs',
  })

interface Events {
  readonly onLost: () => void
  readonly onReturn: () => void
}

export const createConnection = (server: StreamServer, link: Link, { onLost, onReturn }: Events): Connection | null => {
  const { chance } = server.ports
  const { after } = link
  const signals$: Connection['signals$'] = new Emitter()
  const returns$ = new Emitter<void>()
  const flushing = new Set<(error: Error) => void>()
  let isClosed = false
  let current: ServerConnection | null = null

  const dial = () =>
    server.accept(link, {
      onClosed: lost,
      onSignal: (subject, text) => signals$.next({ subject, text }),
    })
  const reconnect = () => {
    if (isClosed) return
    current = dial()
    if (current === null) return void after(reconnectMs + chance() * reconnectMs, reconnect)
    onReturn()
    returns$.next()
  }
  const lost = () => {
    if (current === null || isClosed) return
    current = null
    onLost()
    const rejected = [...flushing]
    rejected.forEach(reject => reject(new Error('connection disconnected')))
    after(reconnectMs + chance() * reconnectMs, reconnect)
  }

  let cancelNotice = () => undefined as void
  const unwatch = link.watch(state => {
    cancelNotice()
    if (state !== 'silent') return
    cancelNotice = after(noticeMs + chance() * noticeJitterMs, () => {
      current?.wire.close('client')
      lost()
    })
  })

  current = dial()
  if (current === null) {
    unwatch()
    return null
  }
  const ask = <T>(work: (at: StreamServer) => T, settle: (answer: () => T) => void) => {
    const wire = current?.wire
    wire?.toServer(() => {
      try {
        const value = work(server)
        wire.toClient(() => settle(() => value), true)
      } catch (error) {
        wire.toClient(
          () =>
            settle(() => {
              throw error
            }),
          true,
        )
      }
    })
  }

  return {
    get isUp() {
      return current !== null
    },
    get isClosed() {
      return isClosed
    },
    get current() {
      return current
    },
    request: work =>
      new Promise((resolve, reject) => {
        if (current === null) return reject(away())
        const cancel = after(timeoutMs, () => reject(failureOfRequest(new Error(`no answer within ${timeoutMs} ms`))))
        return ask(work, answer => {
          cancel()
          try {
            resolve(answer())
          } catch (error) {
            reject(failureOfRequest(error))
          }
        })
      }),
    send: work => {
      const wire = current?.wire
      wire?.toServer(() => work(server))
    },
    flush: () =>
      new Promise((resolve, reject) => {
        if (current === null) return reject(away())
        const fail = (error: Error) => {
          flushing.delete(fail)
          reject(failureOfRequest(error))
        }
        flushing.add(fail)
        return ask(
          () => undefined,
          () => {
            flushing.delete(fail)
            resolve()
          },
        )
      }),
    signals$,
    returns$,
    now: server.ports.now,
    after,
    close: async () => {
      if (isClosed) return
      isClosed = true
      unwatch()
      cancelNotice()
      current?.wire.close('client')
      current = null
    },
  }
}
