import { registerInstrumentations } from '@opentelemetry/instrumentation'
import { Instrumentation } from './instrumentation.ts'

/** An operator's own file that adds an instrumentation to the registered SDK. */
export const instrumentation = new Instrumentation()
registerInstrumentations({ instrumentations: [instrumentation] })
