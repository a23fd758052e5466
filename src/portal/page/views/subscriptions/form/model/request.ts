import { filledRows, type RequestDraft } from './draft.ts'
import type { SettingModels } from './setting.ts'

export const emptyRequest: RequestDraft = {
  payload: 'full',
  headers: [],
  authKind: 'none',
  authToken: '',
  authUsername: '',
  authPassword: '',
  requireVerification: false,
  propagateTrace: false,
}

type RequestField = 'payload' | 'headers' | 'auth' | 'requireVerification' | 'propagateTrace'

export const requestModel: SettingModels<RequestField> = {
  payload: {
    name: 'payload',
    toDraft: (payload = 'full') => ({ payload }),
    fromDraft: ({ payload }) => payload,
  },
  headers: {
    name: 'headers',
    toDraft: (headers = {}) => ({ headers: Object.entries(headers).map(([name, value]) => ({ name, value })) }),
    fromDraft: ({ headers }) => {
      const rows = filledRows(headers)
      if (rows.length === 0) return undefined
      return Object.fromEntries(rows.map(({ name, value }) => [headerName(name), value]))
    },
  },
  auth: {
    name: 'authorization',
    toDraft: auth => {
      if (auth === undefined) return { authKind: 'none' }
      return auth.type === 'bearer'
        ? { authKind: 'bearer', authToken: auth.token }
        : { authKind: 'basic', authUsername: auth.username, authPassword: auth.password }
    },
    fromDraft: ({ authKind, authToken, authUsername, authPassword }) => {
      if (authKind === 'none') return undefined
      return authKind === 'bearer'
        ? { type: 'bearer', token: authToken }
        : { type: 'basic', username: authUsername, password: authPassword }
    },
  },
  requireVerification: {
    name: 'verification',
    toDraft: (requireVerification = false) => ({ requireVerification }),
    fromDraft: ({ requireVerification }) => requireVerification || undefined,
  },
  propagateTrace: {
    name: 'trace context',
    toDraft: (propagateTrace = false) => ({ propagateTrace }),
    fromDraft: ({ propagateTrace }) => propagateTrace,
  },
}

/** Header names are case-insensitive, and the API stores them in lower case. */
export const headerName = (typed: string): string => typed.trim().toLowerCase()
