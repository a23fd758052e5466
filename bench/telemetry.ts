import { startChild } from './child.ts'

/** Starts a local OTLP endpoint, with the settings that export every span to it. */
export const startTelemetry = async () => {
  const child = await startChild('otlp-sink.ts')
  return {
    environment: { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${child.port}` },
    /** What has arrived so far. */
    counted: () => {
      const counted = child.heard<{ requests: number; bytes: number }>('counted')
      child.send({})
      return counted
    },
    stop: child.stop,
  }
}
