import { type Attributes, type HrTime, ValueType } from '@opentelemetry/api'
import { AggregationTemporality, DataPointType, type MetricData } from '@opentelemetry/sdk-metrics'
import type { MetricShape } from '../catalogue/shapes.ts'

/** Tells one value of a metric that is read. */
export type Observe = (shape: MetricShape, value: number, labels?: Attributes) => void

type Look = (observe: Observe) => void | Promise<void>

const looks: Look[] = []
const none: Attributes = {}

/**
 * What is read when somebody collects. A series that is not told any more is gone: an instrument of the SDK (3.1) would go on telling its
 * last value, of a partition that another worker has by now, say.
 */
export const whenCollected = (look: Look): void => void looks.push(look)

/** One value, if there is one. */
export const read = (shape: MetricShape, value: () => number | null): void =>
  whenCollected(observe => {
    const now = value()
    if (now !== null) observe(shape, now)
  })

interface Read {
  readonly shape: MetricShape
  /** By their labels: of two services in one process the last one is told. */
  readonly points: Map<string, { readonly labels: Attributes; readonly value: number }>
}

/** All that is read, by metric; looks are taken beside one another, and one that fails tells nothing. */
export const readAll = async (startTime: HrTime, endTime: HrTime): Promise<MetricData[]> => {
  const found = new Map<string, Read>()
  const observe: Observe = (shape, value, labels = none) => {
    let each = found.get(shape.name)
    if (each === undefined) found.set(shape.name, (each = { shape, points: new Map() }))
    each.points.set(JSON.stringify(labels), { labels, value })
  }
  await Promise.allSettled(looks.map(async look => look(observe)))
  return [...found.values()].map(({ shape: { name, unit, meaning, kind }, points }) => {
    const base = {
      descriptor: { name, unit, description: meaning, valueType: ValueType.DOUBLE },
      aggregationTemporality: AggregationTemporality.CUMULATIVE,
      dataPoints: [...points.values()].map(({ labels, value }) => ({ startTime, endTime, attributes: labels, value })),
    }
    return kind === 'counter'
      ? { ...base, dataPointType: DataPointType.SUM, isMonotonic: true }
      : { ...base, dataPointType: DataPointType.GAUGE }
  })
}
