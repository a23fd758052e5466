import { bareLoop } from './bare-loop-system.ts'
import { keep, round, transposed } from './figures.ts'
import { post, subscribe } from './poster.ts'
import { startReceiver } from './receivers.ts'
import { runBurst } from './run-burst.ts'
import { type BenchSystem, startSystem } from './system.ts'
import { startTelemetry } from './telemetry.ts'

const events = 10_000
const warmUp = 500

/**
 * Posts 10,000 check-ins over 32 connections to one subscription with a bare local receiver: right after the start, and as the fourth such
 * burst, when V8 has compiled the hot code. Every span is exported to a local OTLP endpoint, unless a result says otherwise. `bare loop` is the
 * same work without validation, tokens, supervision or spans (bare-loop.ts), as a limit.
 */
export const burst = async (): Promise<void> => {
  const interval = { DOORBELL_SYNC: 'interval' }
  const results = {
    'bare loop': await measure(await bareLoop(false), 'no export'),
    'bare loop that gathers': await measure(await bareLoop(true), 'no export'),
    interval: await measure(interval, 'export'),
    'interval, no export': await measure(interval, 'no export'),
    always: await measure({ DOORBELL_SYNC: 'always' }, 'export'),
  }
  const columns = Object.fromEntries(
    Object.entries(results).flatMap(([name, { first, warm }]) => [
      [`${name}: first`, first],
      [`${name}: warm`, warm],
    ]),
  )
  const cost = (name: keyof typeof results) => results[name].warm['CPU ms/event']
  const multiple = {
    'CPU, as a multiple of the bare loop': round(cost('interval') / cost('bare loop')),
    'the same without export': round(cost('interval, no export') / cost('bare loop')),
    'of one that publishes the events of a turn together, as we do': round(
      cost('interval') / cost('bare loop that gathers'),
    ),
  }
  process.stdout.write(`\nburst: ${events} check-ins over 32 connections, one subscription\n`)
  console.table(transposed(columns))
  console.table(multiple)
  await keep('burst', { events, results: columns, multiple })
}

const measure = async (how: Readonly<Record<string, string>> | BenchSystem, spans: 'export' | 'no export') => {
  const telemetry = await startTelemetry()
  const environment = spans === 'export' ? telemetry.environment : {}
  const system = isSystem(how) ? how : await startSystem({ ...how, ...environment })
  const receiver = await startReceiver()
  try {
    await subscribe(system, receiver.url)
    await post(system, { prefix: 'warm', count: warmUp })
    await receiver.arrived(warmUp)
    const first = await runBurst(system, receiver, { prefix: 'first', count: events })
    for (const prefix of ['second', 'third']) await runBurst(system, receiver, { prefix, count: events })
    const warm = await runBurst(system, receiver, { prefix: 'fourth', count: events })
    const { bytes } = await telemetry.counted()
    if (spans === 'export' && bytes === 0) throw new Error('no span was exported')
    return { first, warm }
  } finally {
    receiver.stop()
    await system.stop()
    telemetry.stop()
  }
}

const isSystem = (how: object): how is BenchSystem => 'pids' in how
