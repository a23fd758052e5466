import { InstrumentationBase } from '@opentelemetry/instrumentation'

/** An instrumentation as other libraries have them, which makes one span. */
export class Instrumentation extends InstrumentationBase {
  constructor() {
    super('an-instrumentation', '1.0.0', {})
  }

  protected init(): [] {
    return []
  }

  work(): void {
    this.tracer.startSpan('work').end()
  }
}
