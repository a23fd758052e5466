import { type IMetricReader, type MetricProducer, MetricReader } from '@opentelemetry/sdk-metrics'
import type { NodeSDK } from '@opentelemetry/sdk-node'
import { observed } from './metrics/observed.ts'

/**
 * Makes the readers that the SDK has built from the environment collect the values that Doorbell observes, and adds Doorbell’s own readers, which
 * collect them already. NodeSDK takes its readers from the caller or from `OTEL_METRICS_EXPORTER`, never from both, and gives those of the
 * environment no producer. That is why this reads private fields; the type check knows their names.
 */
export const addReaders = (sdk: NodeSDK, own: readonly IMetricReader[]): void => {
  const { readers } = sdk['_meterProviderConfig'] as { readers: IMetricReader[] }
  for (const reader of readers)
    if (reader instanceof MetricReader) (reader['_metricProducers'] as MetricProducer[]).push(observed)
  readers.push(...own)
}
