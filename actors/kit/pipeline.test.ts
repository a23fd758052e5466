import test, { type ExecutionContext } from 'ava'
import { concat, defer, NEVER, type Observable, of, Subject, throwError } from 'rxjs'
import { settled, virtualTime } from '../../test/support/virtual-time.ts'
import { type PipelineSpec, runPipeline } from './pipeline.ts'
import { Failure } from '../../src/domain/failure.ts'
import { pauseOnDefect, restartOnFault } from './supervision.ts'

/** Runs a pipeline; `log` lists its beginnings and its faults with the directive for each. */
const run = (t: ExecutionContext, lives: readonly Observable<unknown>[], change: Partial<PipelineSpec> = {}) => {
  const log: string[] = []
  let life = 0
  const pipeline = runPipeline({
    name: 'partition 3',
    pipeline$: defer(() => {
      log.push('begins')
      return lives[life++] ?? NEVER
    }),
    clock: () => ({ now: Date.now(), chance: 0 }),
    supervision: restartOnFault,
    onFault: (fault, directive) => void log.push(`${String(fault)}: ${directive}`),
    ...change,
  })
  const ended = pipeline.ended.then(
    () => void log.push('ended'),
    error => void log.push(`rejected: ${error}`),
  )
  t.teardown(() => (pipeline.kill(), ended))
  return { log, pipeline }
}
const failing = throwError(() => 'fault')

test.serial('a pipeline restarts a tenth of a second after a fault, and ends when its work is done', async t => {
  const time = virtualTime(t)
  const { log, pipeline } = run(t, [failing, of(1, 2)])
  t.is(pipeline.name, 'partition 3')
  await time.pass(99)
  t.deepEqual(log, ['begins', 'fault: restart'])
  await time.pass(1)
  t.deepEqual(log, ['begins', 'fault: restart', 'begins', 'ended'])
})

test.serial('the sixth fault in a minute escalates to the caller that awaits the end', async t => {
  const time = virtualTime(t)
  const { log } = run(
    t,
    Array.from({ length: 9 }, () => failing),
  )
  await time.pass(1_000)
  t.deepEqual(log.slice(-3), ['begins', 'fault: escalate', 'rejected: fault'])
  t.is(log.filter(line => line === 'begins').length, 6)
})

test.serial('a pipeline that fails now and then for weeks restarts each time', async t => {
  const time = virtualTime(t)
  let weeks = 0
  const { log } = run(
    t,
    Array.from({ length: 20 }, () => failing),
    {
      clock: () => ({ now: (weeks += 1) * 7 * 24 * 3_600_000, chance: 0 }),
    },
  )
  await time.pass(3_000)
  t.is(log.filter(line => line === 'fault: restart').length, 20)
})

test('a fault that stops a pipeline ends it in order, and one that escalates ends it at once', async t => {
  for (const [directive, end] of [
    ['stop', 'ended'],
    ['escalate', 'rejected: fault'],
  ] as const) {
    const { log } = run(t, [concat(of(1), failing)], {
      supervision: { ...restartOnFault, directiveFor: () => directive },
    })
    await settled()
    t.deepEqual(log, ['begins', `fault: ${directive}`, end])
  }
})

test('a killed pipeline ends at once, and lets go of its source', async t => {
  const source$ = new Subject()
  const { log, pipeline } = run(t, [source$])
  t.true(source$.observed)
  pipeline.kill()
  await settled()
  t.deepEqual(log, ['begins', 'ended'])
  t.false(source$.observed)
})

test.serial('a pipeline whose server is away restarts for as long as that lasts, and then ends its work', async t => {
  const time = virtualTime(t)
  const away = throwError(() => new Failure('streams_unavailable', 'away'))
  const { log } = run(t, [...Array.from({ length: 12 }, () => away), of(1)])
  await time.pass(40_000)
  t.is(log.filter(line => line.endsWith(': restart')).length, 12)
  t.is(log.at(-1), 'ended')
})

test.serial('a pipeline that pauses on a defect is tried again after half a minute', async t => {
  const time = virtualTime(t)
  const { log } = run(t, [...Array.from({ length: 6 }, () => failing), of(1)], { supervision: pauseOnDefect })
  await time.pass(500)
  t.is(log.at(-1), 'fault: pause')
  await time.pass(29_999)
  t.is(log.at(-1), 'fault: pause')
  await time.pass(1)
  t.deepEqual(log.slice(-2), ['begins', 'ended'])
})
