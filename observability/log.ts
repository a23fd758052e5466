import { pino, type DestinationStream, type Logger } from 'pino'
import { errorFields } from './error-fields.ts'
import { lineExport } from './log-records.ts'
import { currentTrace } from './traced.ts'

export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>

/** Fields that may hold secrets or personal data. Every line has them redacted, up to three levels deep. */
const secretFields = [
  'authorization',
  'token',
  'secret',
  'sealedSecret',
  'password',
  'body',
  'data',
  'visitor',
  'email',
  'phone',
  'firstName',
  'lastName',
]

/** A log of structured lines with the ids of the active trace. A warning or an error says in `remedy` what to do. */
export const createLog = (level: string, destination?: DestinationStream): Logger =>
  pino(
    {
      level,
      base: { service: 'doorbell' },
      timestamp: pino.stdTimeFunctions.isoTime,
      mixin: () => {
        const here = currentTrace()
        return here === null ? {} : { traceId: here.traceId, spanId: here.spanId }
      },
      redact: { paths: secretFields.flatMap(field => [field, `*.${field}`, `*.*.${field}`]), censor: '(redacted)' },
      serializers: { err: errorFields },
    },
    exported(destination ?? pino.destination({ dest: 1, sync: false })),
  )

/** Also exports each line over OTLP when `OTEL_LOGS_EXPORTER` asks for it. */
const exported = (destination: DestinationStream): DestinationStream => {
  const send = lineExport()
  if (send === null) return destination
  return {
    write: line => {
      destination.write(line)
      send(line)
    },
  }
}
