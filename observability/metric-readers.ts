import { type IMetricReader, type MetricProducer, MetricReader } from '@opentelemetry/sdk-metrics'
import type { NodeSDK } from '@opentelemetry/sdk-node'
import { observed } from './metrics/observed.ts'

/**
 * Adds readers to those that the SDK has built from the environment, and has all of them collect the values that Doorbell observes. NodeSDK takes
 * its readers from the caller or from `OTEL_METRICS_EXPORTER`, never from both, and gives those of the environment no producer: hence the private
 * fields, whose names the type check knows.
 */
export const addReaders = (sdk: NodeSDK, own: readonly IMetricReader[]): void => {
  const { readers } = sdk['_meterProviderConfig'] as { readers: IMetricReader[] }
  readers.push(...own)
  for (const reader of readers)
    if (reader instanceof MetricReader) (reader['_metricProducers'] as MetricProducer[]).push(observed)
}
