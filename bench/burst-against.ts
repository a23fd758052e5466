import { resolve } from 'node:path'
import { keep, median, round, transposed } from './figures.ts'
import { post, subscribe } from './poster.ts'
import { startReceiver } from './receivers.ts'
import { runBurst } from './run-burst.ts'
import { startSystem } from './system.ts'
import { startTelemetry } from './telemetry.ts'

const events = 10_000
const warmUps = 3

/**
 * The burst of this code and of another checkout (with its dependencies installed), in turn on the same machine: medians over the rounds, and
 * this code's figures as ratios to the other's. Every span is exported.
 */
export const burstAgainst = async (checkout: string, rounds: number): Promise<void> => {
  const other = await start(resolve(checkout))
  const own = await start()
  try {
    // V8 compiles what is hot.
    for (let n = 0; n < warmUps; n++) for (const each of [other, own]) await each.burst(`warm-${n}`)
    const results: Record<'other' | 'own', Figures[]> = { other: [], own: [] }
    for (let n = 0; n < rounds; n++) {
      results.other.push(await other.burst(`round-${n}`))
      results.own.push(await own.burst(`round-${n}`))
    }
    const columns = { other: medians(results.other), 'this code': medians(results.own) }
    const ratios = Object.fromEntries(
      Object.entries(columns['this code'])
        .filter(([name]) => columns.other[name] !== 0)
        .map(([name, value]) => [name, round(value / (columns.other[name] ?? Number.NaN))]),
    )
    process.stdout.write(`\nburst: medians of ${rounds} rounds in turn, ${events} check-ins each, one subscription\n`)
    console.table(transposed({ ...columns, ratio: ratios }))
    await keep('burst-against', { events, rounds, ...columns, ratios })
  } finally {
    await other.stop()
    await own.stop()
  }
}

type Figures = Readonly<Record<string, number>>

const start = async (checkout?: string) => {
  const telemetry = await startTelemetry()
  const system = await startSystem(
    { DOORBELL_SYNC: 'interval', ...telemetry.environment },
    undefined,
    undefined,
    checkout,
  )
  const receiver = await startReceiver()
  await subscribe(system, receiver.url)
  await post(system, { prefix: 'start', count: 500 })
  await receiver.arrived(500)
  return {
    burst: (prefix: string): Promise<Figures> => runBurst(system, receiver, { prefix, count: events }),
    stop: async () => {
      const { bytes } = await telemetry.counted()
      receiver.stop()
      await system.stop()
      telemetry.stop()
      if (bytes === 0) throw new Error('no span was exported')
    },
  }
}

const medians = (rounds: readonly Figures[]): Figures =>
  Object.fromEntries(
    Object.keys(rounds[0] ?? {}).map(name => [name, round(median(rounds.map(figures => figures[name] ?? Number.NaN)))]),
  )
