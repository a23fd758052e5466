import { type BenchSystem, startSystem } from './system.ts'

/** The bare loop, started as the service is. */
export const bareLoop = (gathers: boolean): Promise<BenchSystem> =>
  startSystem({ DOORBELL_SYNC: 'interval', BARE_GATHER: String(gathers) }, undefined, ['bench/bare-loop.ts'])
