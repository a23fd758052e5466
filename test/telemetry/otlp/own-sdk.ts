import { NodeSDK } from '@opentelemetry/sdk-node'
import { type ReadableSpan, SimpleSpanProcessor } from '@opentelemetry/sdk-trace'
import { Instrumentation } from './instrumentation.ts'

/** An operator's own setup, as OpenTelemetry's documentation describes it: an SDK with a span processor and an instrumentation. */
const exporter = {
  export: (spans: ReadableSpan[], done: (result: { code: number }) => void) => {
    for (const { name, instrumentationScope } of spans) console.log(`${instrumentationScope.name}: ${name}`)
    done({ code: 0 })
  },
  shutdown: () => Promise.resolve(),
}

export const instrumentation = new Instrumentation()
new NodeSDK({
  spanProcessors: [new SimpleSpanProcessor({ exporter })],
  metricReaders: [],
  instrumentations: [instrumentation],
}).start()
