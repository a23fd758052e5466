import { type IMetricReader, type MetricProducer, MetricReader } from '@opentelemetry/sdk-metrics'
import type { NodeSDK } from '@opentelemetry/sdk-node'
import { observed } from './metrics/observed.ts'

/**
 * Adds Doorbell’s own readers to those that the SDK has built from the environment, and makes all of them collect the values that Doorbell observes.
 * NodeSDK takes its readers from the caller or from `OTEL_METRICS_EXPORTER`, never from both, and gives those of the environment no producer. That
 * is why this uses private fields; the type check knows their names.
 */
export const addReaders = (sdk: NodeSDK, own: readonly IMetricReader[]): void => {
  const { readers } = sdk['_meterProviderConfig'] as { readers: IMetricReader[] }
  readers.push(...own)
  for (const reader of readers)
    if (reader instanceof MetricReader) (reader['_metricProducers'] as MetricProducer[]).push(observed)
}
