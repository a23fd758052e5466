import { parseTraceParent } from '@opentelemetry/core'
import test from 'ava'
import { traceparentOf } from './traceparent.ts'

test('OpenTelemetry’s propagator reads what is written', t => {
  for (const traceFlags of [0, 1, 255]) {
    const context = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags }
    t.deepEqual(parseTraceParent(traceparentOf(context)), context)
  }
})
