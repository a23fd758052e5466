import { type BenchSystem, startSystem } from './system.ts'

/** The bare loop, started as the service is. */
export const bareLoop = (): Promise<BenchSystem> =>
  startSystem({ DOORBELL_SYNC: 'interval' }, undefined, ['bench/bare-loop.ts'])
