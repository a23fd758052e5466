import { setTimeout as wait } from 'node:timers/promises'
import { startExporting } from './exporting.ts'
import { keep, percentiles, round, ways } from './figures.ts'
import { call, post, subscribe } from './poster.ts'
import { peakMiB } from './processes.ts'
import { startReceiver } from './receivers.ts'

const held = 100_000
const perSecond = 500
const neighbourPerSecond = 50
const secondsMeasured = 60
const batch = 500

/** Drains 100,000 held events at the subscription's rate limit, beside a subscription of the same tenant with steady traffic. */
export const drain = async (): Promise<void> => {
  const system = await startExporting({ DOORBELL_SYNC: 'interval' })
  const [receiver, neighbour] = [await startReceiver(), await startReceiver()]
  const path = '/v1/tenants/bench/subscriptions'
  try {
    const { id } = await subscribe(system, receiver.url, 'bench', { ratePerSecond: perSecond, maxInFlight: 200 })
    await call(system, 'POST', `${path}/${id}/pause`)
    await hold(system)
    // From here on, only the other subscription gets new events.
    await call(system, 'PATCH', `${path}/${id}`, { eventTypes: ['visit.checked_out'] })
    await subscribe(system, neighbour.url)
    const steady = async (prefix: string) => {
      const count = neighbourPerSecond * secondsMeasured
      const arriving = neighbour.arrived(count)
      const { postedAt } = await post(system, { prefix, count, perSecond: neighbourPerSecond })
      return percentiles('neighbour’s way', ways((await arriving).arrivals, postedAt), [50, 99])
    }
    await steady('warm')
    const alone = await steady('alone')
    const startedAt = performance.now()
    const draining = receiver.arrived(held)
    await call(system, 'POST', `${path}/${id}/resume`, { catchUp: true })
    const beside = await steady('beside')
    const { arrivals, duplicates } = await draining
    const tookS = (performance.now() - startedAt) / 1_000
    const times = arrivals.map(([, at]) => Math.floor(at / 1_000))
    const busiest = Math.max(...Object.values(Object.groupBy(times, second => second)).map(all => all?.length ?? 0))
    const figures = {
      'drained/s': Math.round(held / tookS),
      'took s': round(tookS),
      'most in one second': busiest,
      duplicates,
      'node peak MiB': Math.round(await peakMiB(system.pids.node)),
    }
    process.stdout.write(
      `\ndrain: ${held} held events at ${perSecond} a second, neighbour at ${neighbourPerSecond}/s\n`,
    )
    console.table({ alone, beside })
    console.table(figures)
    await keep('drain', { held, perSecond, alone, beside, figures })
  } finally {
    receiver.stop()
    neighbour.stop()
    await system.stop()
  }
}

/** Posts events in batches, which is faster than one by one. */
const hold = async (system: Awaited<ReturnType<typeof startExporting>>): Promise<void> => {
  for (let begin = 0; begin < held; begin += batch * 4)
    await Promise.all(
      Array.from({ length: 4 }, (_, part) =>
        call(system, 'POST', '/v1/tenants/bench/events/batch', {
          events: Array.from({ length: batch }, (_unused, n) => eventOf(begin + part * batch + n)),
        }),
      ),
    )
  for (;;) {
    const [subscription] = (await call<{ items: { id: string }[] }>(system, 'GET', '/v1/tenants/bench/subscriptions'))
      .items
    const shown = await call<{ held: number }>(
      system,
      'GET',
      `/v1/tenants/bench/subscriptions/${subscription?.id ?? ''}`,
    )
    if (shown.held >= held) return
    await wait(500)
  }
}

const eventOf = (n: number) => ({
  id: `held-${n}`,
  type: 'visit.checked_in',
  visitId: `visit-${n}`,
  data: {
    visitor: { id: `visitor-${n}`, firstName: 'Bench', lastName: 'Visitor' },
    host: { id: 'host-7', name: 'Bench Host' },
    site: 'bench',
    checkedInAt: '2026-03-02T08:56:12Z',
  },
})
