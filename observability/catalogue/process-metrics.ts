import type { MetricShape } from './shapes.ts'

/** This process itself. */
export const processMetrics = {
  eventLoopDelay: {
    name: 'nodejs.eventloop.delay',
    kind: 'gauge',
    unit: 's',
    meaning: 'How late the event loop was since the last look',
    attributes: ['quantile'],
  },
  eventLoopUtilization: {
    name: 'nodejs.eventloop.utilization',
    kind: 'gauge',
    unit: '1',
    meaning: 'Share of the time that the event loop worked since the last look, 0 to 1',
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
    meaning: 'Time on a processor',
    attributes: ['cpuMode'],
  },
  uptime: { name: 'process.uptime', kind: 'gauge', unit: 's', meaning: 'Since the process started', attributes: [] },
  exports: {
    name: 'webhook.telemetry.exports',
    kind: 'counter',
    unit: '{export}',
    meaning: 'Batches of spans, metrics and log records handed to the collector, where one is named',
    attributes: ['signal', 'exportResult'],
    sometimes: true,
  },
} as const satisfies Record<string, MetricShape>
