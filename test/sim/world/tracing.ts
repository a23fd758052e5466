/** Spans have ids in every process that runs the service, and rows know their attempts by them. Nothing is exported. */
import { context, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { TracerProvider } from '@opentelemetry/sdk-trace'

let isTracing = false

export const giveSpansIds = (): void => {
  if (isTracing) return
  isTracing = true
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [] }))
}
