import { PrometheusSerializer } from '@opentelemetry/exporter-prometheus'
import { emptyResource } from '@opentelemetry/resources'
import { DataPointType, MetricReader, type ResourceMetrics } from '@opentelemetry/sdk-metrics'
import { withUnit } from './prometheus-names.ts'

/** Reads the metrics as Prometheus does: as text, made when it asks. metric-readers.ts has it collect what Doorbell observes. */
export class ScrapeReader extends MetricReader {
  // Without the scope on each series, of which there is one, and without the resource: it has the command line and the machine.
  readonly #serializer = new PrometheusSerializer('', false, undefined, true, true)

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

/** Adds the units to the names: the specification and the collector's exporter have them there, the serializer has not. */
const inUnits = ({ scopeMetrics }: ResourceMetrics): ResourceMetrics => ({
  // The text has no resource, and the serializer would complain while detectors are still at work.
  resource: emptyResource(),
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
