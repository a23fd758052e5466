import { registerInstrumentations } from '@opentelemetry/instrumentation'
import { Instrumentation } from './instrumentation.ts'

/** What a file of an operator's own does that adds an instrumentation to whatever SDK there is. */
export const instrumentation = new Instrumentation()
registerInstrumentations({ instrumentations: [instrumentation] })
