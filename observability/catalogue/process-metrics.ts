import { counter, gauge, sometimes } from './metric.ts'

/** The process itself. */
export const processMetrics = {
  eventLoopDelay: gauge('nodejs.eventloop.delay', 's', 'quantile').doc(
    'Delay of the event loop since the last collection',
  ),
  eventLoopUtilization: gauge('nodejs.eventloop.utilization', '1').doc(
    'Share of the time that the event loop was busy since the last collection, 0 to 1',
  ),
  memory: gauge('process.memory.usage', 'By', 'memoryKind').doc('Memory of the process'),
  cpu: counter('process.cpu.time', 's', 'cpuMode').doc('CPU time of the process'),
  openDescriptors: gauge('process.open_file_descriptor.count', '{file_descriptor}').doc(
    'File descriptors that the process has open. Linux only',
  ),
  descriptorLimit: gauge('process.open_file_descriptor.limit', '{file_descriptor}').doc(
    'File descriptors that the process may have open. Linux only',
  ),
  uptime: gauge('process.uptime', 's').doc('Time since the process started'),
  exports: sometimes(
    counter('webhook.telemetry.exports', '{export}', 'signal', 'exportResult').doc(
      'Exports of spans, metrics and log records to the collector, when one is configured',
    ),
  ),
}
