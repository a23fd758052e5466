import test, { type ExecutionContext } from 'ava'
import { Subject } from 'rxjs'
import { settled } from '../../test/support/virtual-time.ts'
import { Failure } from '../domain/failure.ts'
import type { Difference, Requirement } from '../domain/requirement.ts'
import { startReconciler } from './reconcile.ts'

const broken = (change: Partial<Difference> = {}): Difference => ({
  system: 'nats',
  object: 'stream VISITS',
  difference: 'is sealed',
  outcome: 'broken',
  promise: 'No event can be accepted.',
  remedy: 'Restore a backup.',
  refusesEvents: true,
  ...change,
})

type Answer = readonly Difference[] | Error | Promise<readonly Difference[]>

/** A reconciler over requirements that answer what the test says, and a clock that the test moves. */
const start = (t: ExecutionContext, answers: Readonly<Record<string, () => Answer>>) => {
  const checks: string[] = []
  const lines: string[] = []
  const waits: { delayMs: number; end: () => void }[] = []
  const log = (level: string) => (fields: object, text: string) =>
    void lines.push([level, text, ...Object.values(fields).filter(value => typeof value === 'string')].join(' | '))
  const doubts$ = new Subject<void>()
  const requirements = Object.entries(answers).map(([name, answer]): Requirement => ({
    name,
    check: async () => {
      checks.push(name)
      const result = await answer()
      if (result instanceof Error) throw result
      return result
    },
  }))
  const reconciler = startReconciler([{ system: 'nats', requirements, doubts$ }], {
    log: { info: log('info'), warn: log('warn'), error: log('error') } as never,
    wait: (delayMs, signal) =>
      new Promise(resolve => {
        waits.push({ delayMs, end: resolve })
        if (signal.aborted) resolve()
        else signal.addEventListener('abort', () => resolve())
      }),
  })
  t.teardown(reconciler.stop)
  /** Lets the time of the wait under way pass; returns how long that was. */
  const pass = async () => {
    await settled()
    const last = waits.at(-1)
    last?.end()
    await settled()
    return last?.delayMs
  }
  return { reconciler, checks, lines, waits, pass, doubts$ }
}

test('everything is compared at the start, one after the other, and again every minute', async t => {
  const { reconciler, checks, pass } = start(t, { stream: () => [], consumers: () => [] })
  await reconciler.compared
  t.deepEqual(checks, ['stream', 'consumers'])
  t.is(((await pass()) ?? 0) + ((await pass()) ?? 0), 60_000)
  t.deepEqual(checks, ['stream', 'consumers', 'stream', 'consumers'])
})

test('a hint or a doubt causes a comparison at once, but no more than one a second, and none is forgotten', async t => {
  const { reconciler, checks, pass, doubts$ } = start(t, { stream: () => [] })
  await reconciler.compared
  reconciler.hint()
  reconciler.hint()
  await settled()
  t.is(checks.length, 1)
  t.is(await pass(), 1_000)
  t.is(checks.length, 2, 'the hint during the rest')
  await pass()
  t.is(checks.length, 2, 'nothing new')
  doubts$.next()
  await settled()
  t.is(checks.length, 3, 'at once')
  const slow = Promise.withResolvers<readonly Difference[]>()
  const second = start(t, { stream: () => slow.promise })
  second.reconciler.hint()
  await settled()
  t.is(second.checks.length, 1, 'one round at a time')
  slow.resolve([])
  await second.pass()
  t.is(second.checks.length, 2, 'the hint during the round')
})

test('a broken promise is logged once, shown until it holds again, and refuses events when it must', async t => {
  let found: readonly Difference[] = [broken()]
  const { reconciler, lines, pass } = start(t, { stream: () => found, consumers: () => [] })
  await reconciler.compared
  t.deepEqual(reconciler.broken(), [broken()])
  t.deepEqual(reconciler.counts(), [
    { system: 'nats', requirement: 'stream', broken: 1 },
    { system: 'nats', requirement: 'consumers', broken: 0 },
  ])
  const refused = t.throws(reconciler.assertDeliverable, { instanceOf: Failure, code: 'promise_broken' })
  t.like(refused, {
    message: 'No event is accepted now, because it might not be delivered: stream VISITS is sealed.',
    internal: 'No event can be accepted. Restore a backup.',
    retryAfterS: 30,
  })
  await pass()
  await pass()
  t.deepEqual(lines, [
    'error | a promise does not hold | nats | stream VISITS | is sealed | No event can be accepted. | Restore a backup.',
  ])
  found = [broken({ refusesEvents: false })]
  await pass()
  await pass()
  t.notThrows(reconciler.assertDeliverable)
  t.is(reconciler.broken().length, 1)
  found = [broken({ outcome: 'restored' })]
  await pass()
  await pass()
  t.deepEqual(reconciler.broken(), [])
  t.is(lines.at(-1), 'info | the promise holds again | nats | stream VISITS')
})

test('a server that does not answer changes nothing that is known, is logged once, and hides no other requirement', async t => {
  let answer: Answer = [broken()]
  const { reconciler, lines, checks, pass } = start(t, { stream: () => answer, consumers: () => [] })
  await reconciler.compared
  answer = new Failure('streams_unavailable', 'No answer.')
  const waits: unknown[] = []
  for (let round = 0; round < 4; round += 1) waits.push(await pass())
  t.deepEqual(waits, [1_000, 59_000, 1_000, 4_000], 'it is asked again soon')
  t.deepEqual(reconciler.broken(), [broken()])
  t.is(checks.filter(name => name === 'consumers').length, 3)
  const remedy = 'see the error; it is compared again by itself'
  t.deepEqual(lines.slice(1), [`warn | could not compare with what Doorbell needs | stream | ${remedy}`])
  answer = [broken()]
  await pass()
  await pass()
  t.deepEqual(lines.slice(2), ['info | compared again with what Doorbell needs | stream'])
})

test('one system that hangs does not hide what another one lost, and a stop waits for the round under way', async t => {
  const hanging = Promise.withResolvers<readonly Difference[]>()
  const checks: string[] = []
  const ground = (system: 'nats' | 'mongodb', check: Requirement['check']) => ({
    system,
    requirements: [{ name: 'all', check: () => (checks.push(system), check()) }],
    doubts$: new Subject<void>(),
  })
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined }
  const reconciler = startReconciler(
    [ground('mongodb', () => hanging.promise), ground('nats', async () => [broken()])],
    {
      log,
      wait: (_, signal) =>
        new Promise(resolve => (signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve()))),
    },
  )
  await settled()
  t.deepEqual(reconciler.broken(), [broken()])
  let stopped = false
  const stopping = reconciler.stop().then(() => (stopped = true))
  await settled()
  t.false(stopped)
  hanging.resolve([])
  await stopping
  t.deepEqual(checks, ['mongodb', 'nats'])
})
