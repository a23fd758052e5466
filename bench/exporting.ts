import { type BenchSystem, startSystem } from './system.ts'
import { startTelemetry } from './telemetry.ts'

/** Runs the service with every span exported to a local OTLP endpoint, which ends with it. */
export const startExporting = async (environment: Readonly<Record<string, string>>): Promise<BenchSystem> => {
  const telemetry = await startTelemetry()
  const system = await startSystem({ ...environment, ...telemetry.environment })
  return {
    ...system,
    stop: async () => {
      await system.stop()
      telemetry.stop()
    },
  }
}
