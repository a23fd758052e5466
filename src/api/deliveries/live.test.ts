import { mock } from 'node:test'
import type { PassThrough } from 'node:stream'
import test from 'ava'
import { concat, finalize, NEVER, type Observable, of, Subject, throwError } from 'rxjs'
import { storedDocuments } from '../../../test/support/stored-documents.ts'
import type { Delivery } from '../../domain/delivery.ts'
import { liveDeliveryRoutes } from './live.ts'

const { delivery } = storedDocuments
const settled = () => new Promise(resolve => setImmediate(resolve))

test.before(() => mock.timers.enable({ apis: ['setInterval', 'setTimeout', 'Date'] }))
test.after(() => mock.timers.reset())
const streams: PassThrough[] = []
test.afterEach(() => streams.splice(0).forEach(stream => stream.destroy()))

/** The stream of one reader, with everything that may end it. */
const follow = (changes$: Observable<Delivery> = NEVER) => {
  const rows$ = concat(of('open' as const), changes$)
  const [stopping$, revokedTokens$] = [new Subject<unknown>(), new Subject<string>()]
  let handle: ((context: object) => PassThrough) | undefined
  let isFollowed = true
  liveDeliveryRoutes(
    { all: [], add: (_: unknown, handler: unknown) => void (handle = handler as typeof handle) } as never,
    {
      liveRows: () => rows$.pipe(finalize(() => (isFollowed = false))),
      stopping$,
      revokedTokens$,
      jaegerUrl: null,
    },
  )
  const context = { params: { tenant: 'acme' }, state: { query: {}, principal: { id: 'tok_1' } }, set: () => undefined }
  const stream = handle?.(context)
  if (stream === undefined) throw new Error('no route')
  streams.push(stream)
  stream.setEncoding('utf8')
  let text = ''
  const read = () => {
    for (let chunk: string | null; (chunk = stream.read() as string | null) !== null;) text += chunk
    return text
  }
  const state = async () => {
    await settled()
    return { isFollowed, isOver: stream.writableEnded || stream.destroyed }
  }
  return { stream, stopping$, revokedTokens$, read, state }
}
const runs = { isFollowed: true, isOver: false }
const over = { isFollowed: false, isOver: true }

test.serial('a quiet stream says every fifteen seconds that it is still there', async t => {
  const { read } = follow()
  await settled()
  t.is(read(), ': listening\n\n')
  mock.timers.tick(14_999)
  t.is(read(), ': listening\n\n')
  mock.timers.tick(1)
  t.is(read(), ': listening\n\n: still here\n\n')
  mock.timers.tick(15_000)
  t.is(read(), ': listening\n\n: still here\n\n: still here\n\n')
})

test.serial('a stream ends after fifteen minutes, so that the token of its reader is checked again', async t => {
  const { state } = follow()
  mock.timers.tick(15 * 60_000 - 1)
  t.deepEqual(await state(), runs)
  mock.timers.tick(1)
  t.deepEqual(await state(), over)
})

test.serial('a slow reader gets all that was written before the end, and no heartbeat after it', async t => {
  const { state, read, stopping$, stream } = follow(concat(of(delivery), NEVER))
  stopping$.next(undefined)
  mock.timers.tick(60_000)
  t.deepEqual(await state(), over)
  t.is(stream.errored, null)
  t.regex(read(), /^: listening\n\nevent: delivery\ndata: .*\n\n$/)
})

test.serial(
  'a stream ends when the process stops, and when its reader’s token is revoked, but no other token',
  async t => {
    const stopped = follow()
    stopped.stopping$.next(undefined)
    t.deepEqual(await stopped.state(), over)
    const revoked = follow()
    revoked.revokedTokens$.next('tok_2')
    t.deepEqual(await revoked.state(), runs)
    revoked.revokedTokens$.next('tok_1')
    t.deepEqual(await revoked.state(), over)
  },
)

test.serial('a stream ends with its source, whether that is done or fails', async t => {
  t.deepEqual(await follow(of(delivery)).state(), over)
  t.deepEqual(await follow(throwError(() => new Error('away'))).state(), over)
})

test.serial('a reader that leaves is no longer followed', async t => {
  const { stream, state } = follow()
  t.deepEqual(await state(), runs)
  stream.destroy()
  await settled()
  t.deepEqual(await state(), over)
})

test.serial('a reader that falls two megabytes behind is disconnected, and nothing is kept for it', async t => {
  const rows$ = new Subject<Delivery>()
  const { state } = follow(rows$)
  const big = { ...delivery, visitId: 'v'.repeat(200 * 1_024) }
  const write = (rows: number) => Array.from({ length: rows }, () => rows$.next(big))
  write(9)
  t.deepEqual(await state(), runs)
  write(3)
  await settled()
  t.deepEqual(await state(), over)
})
