import type { Fault } from '../../domain/failure.ts'
import { matchesType } from '../../domain/subscription.ts'
import type { SubscriptionSettings } from '../../domain/subscription-settings.ts'
import { pointerStep } from '../../intake/validation.ts'
import { createBodyCheck, refuse } from '../operation/body-check.ts'
import { settingsSchema } from './wire.ts'

/** Compiles the check of settings, whole as a subscription would have them. It throws Failure `invalid_request` with a pointer to each fault. */
export const createSettingsCheck = (types: readonly string[]): ((value: unknown) => SubscriptionSettings) => {
  const check = createBodyCheck(settingsSchema)
  return value => {
    const settings: SubscriptionSettings = check(value)
    refuse([...typeFaults(settings, types), ...headerFaults(settings)])
    return settings
  }
}

/** Throws Failure `invalid_request` for a body that names the status: calls of their own change it. */
export const refuseStatus = (body: unknown): void => {
  if (typeof body === 'object' && body !== null && Object.hasOwn(body, 'status'))
    refuse([{ pointer: '/status', detail: 'is changed by POST …/pause and …/resume: remove it' }])
}

const typeFaults = ({ eventTypes }: SubscriptionSettings, types: readonly string[]): Fault[] =>
  eventTypes.flatMap((pattern, index) =>
    types.some(type => matchesType(pattern, type))
      ? []
      : [{ pointer: `/eventTypes/${index}`, detail: `"${pattern}" matches no event type: ${types.join(', ')}` }],
  )

/** Headers that Doorbell or HTTP itself sets. */
const reservedHeader =
  /^(host|connection|keep-alive|proxy-.*|te|accept-encoding|trailer|transfer-encoding|upgrade|expect|content-.*|webhook-.*|user-agent|traceparent|tracestate|baggage)$/i

/** Of all custom headers together. Servers commonly refuse requests with headers of more than 8 KiB, and Doorbell needs some of it. */
const maxHeaderBytes = 6 * 1_024

const headerFaults = ({ headers = {}, auth }: SubscriptionSettings): Fault[] => {
  const entries = Object.entries(headers)
  const lowerCase = entries.map(([name]) => name.toLowerCase())
  const faults = entries.flatMap(([name], index): Fault[] => {
    const pointer = `/headers${pointerStep(name)}`
    const reserved = { pointer, detail: 'is a header that Doorbell or HTTP itself sets: remove it' }
    const repeated = { pointer, detail: 'is there twice: header names are not case-sensitive' }
    return [
      ...(reservedHeader.test(name) ? [reserved] : []),
      ...(lowerCase.indexOf(name.toLowerCase()) < index ? [repeated] : []),
    ]
  })
  const bytes = entries.reduce((sum, [name, value]) => sum + name.length + value.length, 0)
  if (bytes > maxHeaderBytes)
    faults.push({ pointer: '/headers', detail: `have ${bytes} bytes; the limit is ${maxHeaderBytes} bytes` })
  if (auth !== undefined && lowerCase.includes('authorization'))
    faults.push({ pointer: '/headers/authorization', detail: 'and auth set the same header: remove one of them' })
  return faults
}
