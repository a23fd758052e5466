import { type BenchSystem, startSystem } from './system.ts'

/** Starts the bare loop in the same way as the service. */
export const bareLoop = (gathers: boolean): Promise<BenchSystem> =>
  startSystem({ DOORBELL_SYNC: 'interval', BARE_GATHER: String(gathers) }, undefined, ['bench/bare-loop.ts'])
