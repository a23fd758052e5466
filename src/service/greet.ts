import { styleText } from 'node:util'
import type { Settings } from '../../config/settings.ts'
import { Failure } from '../domain/failure.ts'

export interface Greeting {
  readonly settings: Pick<Settings, 'role' | 'publicUrl'>
  /** Where the service listens. */
  readonly url: string
  /** Null: metrics are not served. */
  readonly metricsUrl: string | null
  /** Null: the operator chose it. */
  readonly generatedToken: string | null
}

const styled = (style: 'bold' | 'dim' | 'red', text: string) => styleText(style, text, { stream: process.stderr })
const say = (line: string): void => void process.stderr.write(`${line}\n`)

/** Prints where everything is, once it can be used. */
export const greet = ({ settings, url, metricsUrl, generatedToken }: Greeting): void => {
  if (settings.role === 'worker') {
    say(`Doorbell worker, readiness at ${url}/readyz`)
    return metricsUrl === null ? undefined : say(`Doorbell worker, metrics at ${metricsUrl}`)
  }
  const lines = [
    ['Doorbell', `${url}/`],
    ['API reference', `${url}/docs`],
    ['event types', `${url}/v1/event-types`],
    ['key set', `${settings.publicUrl ?? url}/.well-known/jwks.json`],
    ['operator token', generatedToken ?? 'as set in DOORBELL_ADMIN_TOKEN'],
    ...(metricsUrl === null ? [] : [['metrics', metricsUrl] as const]),
  ] as const
  for (const [name, value] of lines) say(`${styled('bold', name.padEnd(16))}${value}`)
  return undefined
}

/** Prints a step of a start that takes its time. */
export const reportProgress = (line: string): void => say(styled('dim', line))

/** Prints why the service cannot start: the message of a Failure is meant for the operator, any other error needs its stack. */
export const complain = (error: unknown): void => {
  const text = error instanceof Failure ? error.message : String(error instanceof Error ? error.stack : error)
  say(styled('red', text))
}
