import test from 'ava'
import { attributes as a, metricShapes as shapes } from '../names.ts'
import type { Supervised } from '../../src/domain/supervised.ts'
import { type GaugeSources, observeGauges } from './gauges.ts'
import { observed } from './observed.ts'

const supervised: Supervised[] = Array.from({ length: 600 }, (_, index) => ({
  id: `sub_${index}`,
  tenant: 'acme',
  inFlight: index,
  inFlightLimit: 600,
  waiting: 0,
  circuit: 'closed',
}))

const nothing = () => Promise.resolve(null)
const sources: GaugeSources = {
  supervised: () => supervised,
  openMessages: () => 0,
  mailboxDepth: () => 0,
  partitionsOwned: () => 0,
  partitions: 16,
  subscriptions: () => [],
  attemptLimit: 512,
  directoryAgeS: () => 0,
  retentionAgeS: () => null,
  signingKeyAgeS: () => 0,
  signingKeyLifetimeS: null,
  pings: { nats: nothing, mongodb: nothing },
  broken: () => [],
  stream: nothing,
  consumers: () => Promise.resolve([]),
  ledger: nothing,
}

test('of 600 supervisors 500 have gauges, and first those whose attempts have series', async t => {
  observeGauges(sources, { subscriptionHasSeries: id => Number(id.slice('sub_'.length)) >= 300 })
  const { resourceMetrics } = await observed.collect()
  const metrics = resourceMetrics.scopeMetrics.flatMap(({ metrics: inScope }) => inScope)
  const points =
    metrics.find(({ descriptor }) => descriptor.name === shapes.subscriptionInFlight.name)?.dataPoints ?? []
  t.is(points.length, 500)
  const shown = new Set(points.map(({ attributes }) => attributes[a.subscription]))
  for (let id = 300; id < 600; id += 1) t.true(shown.has(`sub_${id}`))
})
