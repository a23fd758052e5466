import { diag, type DiagLogger, DiagLogLevel } from '@opentelemetry/api'
import { setGlobalErrorHandler } from '@opentelemetry/core'

type Level = 'info' | 'warn'
/** The part of the log that is needed here. */
type Lines = Readonly<Record<Level, (fields: object, message: string) => void>>

/** The same text is logged once a minute at most, so that a lasting fault does not fill the log. */
const everyMs = 60_000
const maxTexts = 100
const maxLength = 500

let log: Lines | null = null
const early: (readonly [Level, object, string])[] = []
const writtenAt = new Map<string, number>()

/** Logs a line about telemetry itself. Lines from before the service has a log wait for it. */
export const note = (level: Level, fields: object, message: string): void => {
  if (log === null) early.push([level, fields, message])
  else log[level](fields, message)
}

/** Sends lines about telemetry to the service's log, including those that waited for it. */
export const reportTo = (lines: Lines): void => {
  log = lines
  for (const [level, fields, message] of early.splice(0)) note(level, fields, message)
}

const remedy = 'check the OTEL_* settings and the collector; deliveries do not depend on them'

const complain = (...parts: unknown[]): void => {
  const problem = parts.map(textOf).join(' ').slice(0, maxLength)
  const now = performance.now()
  if (now - (writtenAt.get(problem) ?? -Infinity) < everyMs) return
  if (writtenAt.size >= maxTexts) writtenAt.clear()
  writtenAt.set(problem, now)
  note('warn', { problem, remedy }, 'OpenTelemetry reports a problem')
}

const textOf = (part: unknown): string => (part instanceof Error ? `${part.name}: ${part.message}` : String(part))

const ignore = () => undefined
const logger: DiagLogger = { error: complain, warn: complain, info: ignore, debug: ignore, verbose: ignore }

/**
 * Sends the SDK's warnings and errors to the log, except for export errors while `isKnown` says that they are reported already. With
 * `OTEL_LOG_LEVEL` the SDK writes them to the console itself, as it does everywhere.
 */
export const listenToSdk = (isKnown: () => boolean): void => {
  if (process.env['OTEL_LOG_LEVEL']) return
  diag.setLogger(logger, { logLevel: DiagLogLevel.WARN })
  setGlobalErrorHandler(error => {
    if (!isKnown()) diag.error(textOf(error))
  })
}
