import { metrics } from '@opentelemetry/api'
import { MeterProvider, MetricReader, type HistogramMetricData, type SumMetricData } from '@opentelemetry/sdk-metrics'
import test from 'ava'
import { counter, histogram } from './instruments.ts'

class Reader extends MetricReader {
  protected override onForceFlush = () => Promise.resolve()
  protected override onShutdown = () => Promise.resolve()
}
const reader = new Reader()
metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }))

const shape = { unit: '1', meaning: 'Of a test', attributes: [] } as const

const collected = async (name: string) => {
  const { resourceMetrics } = await reader.collect()
  return resourceMetrics.scopeMetrics.flatMap(({ metrics: found }) => found).find(each => each.descriptor.name === name)
}

test('equal labels are one series, whichever object they are in; a counter begins at nought', async t => {
  const counted = counter({ ...shape, name: 'test.counted', kind: 'counter' })
  counted.add(0, { reason: 'none' })
  counted.add(2, { reason: 'a', status: 'dead' })
  counted.add(3, { status: 'dead', reason: 'a' })
  const { descriptor, dataPoints, isMonotonic } = (await collected('test.counted')) as SumMetricData
  t.true(isMonotonic)
  t.like(descriptor, { unit: '1', description: 'Of a test' })
  t.deepEqual(
    dataPoints.map(({ attributes, value }) => [attributes, value]),
    [
      [{ reason: 'none' }, 0],
      [{ reason: 'a', status: 'dead' }, 5],
    ],
  )
})

test('a value on a bound lies in its bucket, and one above all bounds in the last', async t => {
  const measure = histogram({ ...shape, name: 'test.measured', kind: 'histogram', boundaries: [0.5, 1, 5] })
  for (const value of [0, 0.5, 0.6, 1, 6]) measure.record(value)
  const { dataPoints } = (await collected('test.measured')) as HistogramMetricData
  const [{ value } = { value: null }] = dataPoints
  t.deepEqual(value?.buckets, { boundaries: [0.5, 1, 5], counts: [2, 2, 0, 1] })
  t.is(value?.count, 5)
  t.is(value?.sum, 8.1)
})

test('two parts that ask for the same metric count in one series', async t => {
  const one = counter({ ...shape, name: 'test.shared', kind: 'counter' })
  const two = counter({ ...shape, name: 'test.shared', kind: 'counter' })
  one.add(1)
  two.add(1)
  const { dataPoints } = (await collected('test.shared')) as SumMetricData
  t.deepEqual(
    dataPoints.map(({ value }) => value),
    [2],
  )
})
