import { startChild } from './child.ts'

/** A local OTLP endpoint, and the settings that send every span to it. */
export const startTelemetry = async () => {
  const child = await startChild('otlp-sink.ts')
  return {
    environment: { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${child.port}` },
    /** What came so far. */
    counted: () => {
      const counted = child.heard<{ requests: number; bytes: number }>('counted')
      child.send({})
      return counted
    },
    stop: child.stop,
  }
}
