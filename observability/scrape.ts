import { PrometheusSerializer } from '@opentelemetry/exporter-prometheus'
import { DataPointType, MetricReader, type ResourceMetrics } from '@opentelemetry/sdk-metrics'
import { observed } from './metrics/observed.ts'
import { withUnit } from './prometheus-names.ts'

/** Metrics as Prometheus reads them: text, made when it asks. */
export class ScrapeReader extends MetricReader {
  // Neither the scope on each series, of which there is one, nor the command line and the machine, which are nobody's business.
  readonly #serializer = new PrometheusSerializer('', false, undefined, true, true)

  constructor() {
    super({ metricProducers: [observed] })
  }

  /** Prometheus text format 0.0.4. */
  async text(): Promise<string> {
    const { resourceMetrics } = await this.collect()
    return this.#serializer.serialize(inUnits(resourceMetrics))
  }

  protected override onForceFlush(): Promise<void> {
    return Promise.resolve()
  }

  protected override onShutdown(): Promise<void> {
    return Promise.resolve()
  }
}

/** The serializer leaves units out of the names; the specification, and the collector's own exporter, have them there. */
const inUnits = ({ resource, scopeMetrics }: ResourceMetrics): ResourceMetrics => ({
  resource,
  scopeMetrics: scopeMetrics.map(({ scope, metrics }) => ({
    scope,
    metrics: metrics.map(metric => {
      const { name, unit } = metric.descriptor
      const isGauge =
        metric.dataPointType === DataPointType.GAUGE ||
        (metric.dataPointType === DataPointType.SUM && !metric.isMonotonic)
      return { ...metric, descriptor: { ...metric.descriptor, name: withUnit(name, unit, isGauge) } }
    }),
  })),
})
