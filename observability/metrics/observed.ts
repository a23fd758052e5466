import { type Attributes, type HrTime, ValueType } from '@opentelemetry/api'
import { millisToHrTime } from '@opentelemetry/core'
import { emptyResource } from '@opentelemetry/resources'
import { AggregationTemporality, DataPointType, type MetricData, type MetricProducer } from '@opentelemetry/sdk-metrics'
import type { MetricShape } from '../catalogue/shapes.ts'
import { scope } from './instruments.ts'

/** Reports one value of a metric. */
export type Observe = (shape: MetricShape, value: number, labels?: Attributes) => void

type Read = (observe: Observe) => void | Promise<void>

const reads: Read[] = []
const none: Attributes = {}

/**
 * Runs this read each time that metrics are collected. The values that it reports are the metric's only series.
 *
 * An observable instrument of the SDK keeps the last value of each series that it ever had (opentelemetry-js #4096): it would report
 * the backlog of a partition that another worker owns by now. That is why these values come from a producer of our own.
 */
export const onCollect = (read: Read): void => void reads.push(read)

/** Reports one value at each collection; null reports none. */
export const observeValue = (shape: MetricShape, value: () => number | null): void =>
  onCollect(observe => {
    const now = value()
    if (now !== null) observe(shape, now)
  })

interface Family {
  readonly shape: MetricShape
  /** By the text of their labels: when two services run in one process, the last one's value stands. */
  readonly points: Map<string, { readonly labels: Attributes; readonly value: number }>
}

/** Runs all reads side by side. A read that fails reports nothing and spoils no other. */
const readAll = async (): Promise<Iterable<Family>> => {
  const families = new Map<string, Family>()
  const observe: Observe = (shape, value, labels = none) => {
    let family = families.get(shape.name)
    if (family === undefined) families.set(shape.name, (family = { shape, points: new Map() }))
    family.points.set(JSON.stringify(labels), { labels, value })
  }
  await Promise.allSettled(reads.map(async read => read(observe)))
  return families.values()
}

const startTime: HrTime = millisToHrTime(Date.now())

const dataOf = ({ shape: { name, unit, meaning, kind }, points }: Family, endTime: HrTime): MetricData => {
  const base = {
    descriptor: { name, unit, description: meaning, valueType: ValueType.DOUBLE },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
    dataPoints: [...points.values()].map(({ labels, value }) => ({ startTime, endTime, attributes: labels, value })),
  }
  return kind === 'counter'
    ? { ...base, dataPointType: DataPointType.SUM, isMonotonic: true }
    : { ...base, dataPointType: DataPointType.GAUGE }
}

/** The values that are read at collection, for every reader's `metricProducers`. */
export const observed: MetricProducer = {
  collect: async () => {
    const families = await readAll()
    const endTime = millisToHrTime(Date.now())
    const metrics = [...families].map(family => dataOf(family, endTime))
    return {
      resourceMetrics: { resource: emptyResource(), scopeMetrics: [{ scope: { name: scope }, metrics }] },
      errors: [],
    }
  },
}
