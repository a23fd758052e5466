import { getStringFromEnv, getStringListFromEnv } from '@opentelemetry/core'

export type Signal = 'TRACES' | 'METRICS' | 'LOGS'

/**
 * Whether the environment asks for a signal to leave the process. The SDK alone sends all three to localhost:4318 when nothing is set. Doorbell
 * exports a signal when an exporter (`OTEL_TRACES_EXPORTER` …) or an endpoint is named for it, and logs, which stdout has anyway, for an exporter only.
 */
export const isExported = (signal: Signal): boolean => {
  const exporters = getStringListFromEnv(`OTEL_${signal}_EXPORTER`) ?? []
  if (exporters.length > 0) return exporters.join() !== 'none'
  const endpoint =
    getStringFromEnv(`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`) ?? getStringFromEnv('OTEL_EXPORTER_OTLP_ENDPOINT')
  return signal !== 'LOGS' && endpoint !== undefined
}

/**
 * Settings of the batch processor that fit a service with thousands of spans a second; the SDK's own (2,048 waiting, 512 in a batch, every 5 s)
 * drop spans in a burst. What the environment sets stays.
 */
const batches = {
  OTEL_BSP_MAX_QUEUE_SIZE: '16384',
  OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '2048',
  OTEL_BSP_SCHEDULE_DELAY: '1000',
}

export const setDefaults = (): void => {
  for (const [name, value] of Object.entries(batches)) process.env[name] ||= value
}
