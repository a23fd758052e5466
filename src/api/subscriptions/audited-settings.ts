import type { AuditSpec } from '../operation/operation.ts'
import { mask } from '../../domain/credentials.ts'
import { settingsSchema } from './wire.ts'

/** What an audit entry shows of a subscription’s settings. */
export const auditedSettings = {
  fields: settingsSchema,
  forms: {
    // A query may hold a key.
    url: value => (typeof value === 'string' ? withoutQuery(value) : mask),
    headers: value => Object.keys(value as object),
    auth: value => ({ type: (value as { readonly type: unknown }).type }),
  },
} as const satisfies AuditSpec

const withoutQuery = (text: string): string => {
  const url = URL.parse(text)
  return url === null ? mask : `${url.origin}${url.pathname}${url.search === '' ? '' : `?${mask}`}`
}
