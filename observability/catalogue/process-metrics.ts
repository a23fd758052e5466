import type { MetricShape } from './shapes.ts'

/** The process itself. */
export const processMetrics = {
  eventLoopDelay: {
    name: 'nodejs.eventloop.delay',
    kind: 'gauge',
    unit: 's',
    meaning: 'Delay of the event loop since the last collection',
    attributes: ['quantile'],
  },
  eventLoopUtilization: {
    name: 'nodejs.eventloop.utilization',
    kind: 'gauge',
    unit: '1',
    meaning: 'Share of the time that the event loop was busy since the last collection, 0 to 1',
    attributes: [],
  },
  memory: {
    name: 'process.memory.usage',
    kind: 'gauge',
    unit: 'By',
    meaning: 'Memory of the process',
    attributes: ['memoryKind'],
  },
  cpu: {
    name: 'process.cpu.time',
    kind: 'counter',
    unit: 's',
    meaning: 'CPU time of the process',
    attributes: ['cpuMode'],
  },
  uptime: {
    name: 'process.uptime',
    kind: 'gauge',
    unit: 's',
    meaning: 'Time since the process started',
    attributes: [],
  },
  exports: {
    name: 'webhook.telemetry.exports',
    kind: 'counter',
    unit: '{export}',
    meaning: 'Exports of spans, metrics and log records to the collector, when one is configured',
    attributes: ['signal', 'exportResult'],
    sometimes: true,
  },
} as const satisfies Record<string, MetricShape>
