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
 * Gives the batch processor settings that fit a service with thousands of spans a second: the SDK's own queue of 2,048 is full in a burst after a
 * fifth of a second, and what comes then is dropped. A batch is half a megabyte. What the environment sets stays.
 */
export const setDefaults = (env: NodeJS.ProcessEnv): void => {
  if (!env['OTEL_BSP_MAX_QUEUE_SIZE'] && !env['OTEL_BSP_MAX_EXPORT_BATCH_SIZE']) {
    env['OTEL_BSP_MAX_QUEUE_SIZE'] = '16384'
    env['OTEL_BSP_MAX_EXPORT_BATCH_SIZE'] = '1024'
  }
  env['OTEL_BSP_SCHEDULE_DELAY'] ||= '1000'
}
