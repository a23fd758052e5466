import { NodeSDK } from '@opentelemetry/sdk-node'
import test from 'ava'
import type { Delivery } from '../../src/domain/delivery.ts'
import { addReaders } from '../../observability/metric-readers.ts'
import { createMetrics } from '../../observability/metrics.ts'
import { ScrapeReader } from '../../observability/scrape.ts'
import { type Sample, samplesOf, sumOf, valueOf } from './samples.ts'

const reader = new ScrapeReader()
const sdk = new NodeSDK({ metricReaders: [], spanProcessors: [], logRecordProcessors: [] })
addReaders(sdk, [reader])
sdk.start()

const attempts = 'webhook_subscription_attempts_total'
const folded = 'webhook_series_folded_total'

const attempt = (status: number) => ({ number: 2, at: 10, tookMs: 5, status, url: '', traceId: '', spanId: '' })
const delivery = (tenant: string, subscriptionId: string) =>
  ({ tenant, subscriptionId, createdAt: 0, attempts: [] }) as unknown as Delivery

/** Attempts for subscriptions whose tenants begin with this prefix. Each test has its own, since all share one reader. */
const counting = (prefix: string) => {
  const counted = createMetrics()
  return {
    sent: (tenant: string) => counted.sent(prefix + tenant, 'accepted', 1),
    attempted: (tenant: string, subscription: string, status = 204, times = 1) => {
      for (let time = 0; time < times; time += 1)
        counted.attempted(delivery(prefix + tenant, `sub_${prefix}${subscription}`), attempt(status), true)
    },
    samples: async (metric: string): Promise<Sample[]> =>
      samplesOf(await reader.text(), metric).filter(({ labels }) => labels['webhook_tenant']?.startsWith(prefix)),
  }
}

const idsOf = (samples: readonly Sample[]) => new Set(samples.map(({ labels }) => labels['webhook_subscription_id']))

test.serial('the 501st subscription counts under its own tenant, and as folded', async t => {
  const { attempted, samples } = counting('limit-')
  const before = valueOf(await reader.text(), folded, { webhook_series_of: 'subscription' })
  for (let id = 0; id < 500; id += 1) attempted('first', String(id))
  t.is(idsOf(await samples(attempts)).size, 500)
  t.is(valueOf(await reader.text(), folded, { webhook_series_of: 'subscription' }), before)
  attempted('last', '500', 503)
  const all = await samples(attempts)
  t.deepEqual(
    all.filter(({ labels }) => labels['webhook_tenant'] === 'limit-last').map(({ labels, value }) => [labels, value]),
    (['delivered', 'failed'] as const).map(result => [
      { webhook_tenant: 'limit-last', webhook_subscription_id: '_OTHER', webhook_attempt_result: result },
      result === 'failed' ? 1 : 0,
    ]),
  )
  t.is(valueOf(await reader.text(), folded, { webhook_series_of: 'subscription' }), before + 1)
})

test.serial('failures of a tenant beyond the limit appear under no other tenant', async t => {
  const { attempted, samples } = counting('c')
  for (let tenant = 0; tenant < 13; tenant += 1)
    for (let id = 0; id < 45; id += 1) attempted(String(tenant), `${tenant}-${id}`)
  for (let id = 0; id < 45; id += 1) attempted('12', `12-${id}`, 503, 10)
  const failed = (await samples(attempts)).filter(({ labels }) => labels['webhook_attempt_result'] === 'failed')
  t.deepEqual(
    failed.filter(({ value }) => value > 0).map(({ labels, value }) => [labels['webhook_tenant'], value]),
    [['c12', 450]],
  )
})

test.serial('10,000 subscriptions of 1,000 tenants stay within the limit, and no attempt is lost', async t => {
  const { attempted, samples, sent } = counting('many-')
  for (let round = 0; round < 3; round += 1)
    for (let id = 0; id < 10_000; id += 1) attempted(String(id % 1_000), String(id), id % 2 === 0 ? 204 : 500)
  for (let tenant = 0; tenant < 1_000; tenant += 1) sent(String(tenant))
  const all = await samples(attempts)
  const own = all.filter(({ labels }) => labels['webhook_subscription_id'] !== '_OTHER')
  t.is(idsOf(own).size, 500)
  t.is(new Set(all.map(({ labels }) => labels['webhook_tenant'])).size, 1_000)
  for (const { labels } of own) {
    const [, id = ''] = /-(\d+)$/.exec(labels['webhook_subscription_id'] ?? '') ?? []
    t.is(labels['webhook_tenant'], `many-${Number(id) % 1_000}`)
  }
  const text = await reader.text()
  const others = { webhook_tenant: '_OTHER', webhook_subscription_id: '_OTHER' }
  t.is(sumOf(all) + valueOf(text, attempts, others), 30_000)
  const failed = all.filter(({ labels }) => labels['webhook_attempt_result'] === 'failed')
  t.is(sumOf(failed) + valueOf(text, attempts, { ...others, webhook_attempt_result: 'failed' }), 15_000)
  t.is((await samples('webhook_tenant_events_total')).length, 500)
  t.is(valueOf(text, 'webhook_tenant_events_total', { webhook_tenant: '_OTHER' }), 500)
})
