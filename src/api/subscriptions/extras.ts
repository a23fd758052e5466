import { mask, type OutboundAuth, type RequestExtras, shownExtras } from '../../domain/credentials.ts'
import { Failure } from '../../domain/failure.ts'
import type { Subscription } from '../../domain/subscription.ts'

type Sealed = Pick<Subscription, 'sealedExtras' | 'shownExtras'>

/** Headers and auth as they are stored: sealed, and beside them the part that may be shown. Nothing where there are none. */
export const sealExtras = async (
  { seal }: { readonly seal: (text: string) => Promise<string> },
  { headers, auth }: RequestExtras,
): Promise<Sealed> => {
  if (headers === undefined && auth === undefined) return {}
  const extras = { ...(headers && { headers: lowerCase(headers) }), ...(auth && { auth }) }
  return { sealedExtras: await seal(JSON.stringify(extras)), shownExtras: shownExtras(extras) }
}

export const openExtras = async (
  { open }: { readonly open: (sealed: string) => Promise<string> },
  { sealedExtras }: Subscription,
): Promise<RequestExtras> => (sealedExtras === undefined ? {} : (JSON.parse(await open(sealedExtras)) as RequestExtras))

/** Replaces each mask in a patch by the stored value. `auth` is replaced as a whole: half of another kind would have no meaning. */
export const unmasked = (patch: unknown, before: RequestExtras): unknown => {
  if (!isObject(patch)) return patch
  const { headers, auth } = patch
  return {
    ...patch,
    ...(isObject(headers) ? { headers: namedAsStored(headers, before) } : {}),
    ...(isObject(auth) ? { auth: { ...cleared(before.auth, auth), ...authOf(auth, before.auth) } } : {}),
  }
}

/** A name in another case is that of the stored header, unless the patch has both: they are refused as the same header. */
const namedAsStored = (headers: Readonly<Record<string, unknown>>, before: RequestExtras) =>
  Object.fromEntries(
    Object.entries(headers)
      .filter(([name, value]) => !isKept(name, value, before))
      .map(([name, value]) => {
        const stored = name.toLowerCase()
        const isStored = Object.hasOwn(before.headers ?? {}, stored) && !Object.hasOwn(headers, stored)
        return [isStored ? stored : name, value]
      }),
  )

const isKept = (name: string, value: unknown, { headers = {} }: RequestExtras): boolean => {
  if (value !== mask) return false
  if (Object.hasOwn(headers, name.toLowerCase())) return true
  throw new Failure('invalid_request', `/headers/${name} is masked, and there is no such header to keep.`)
}

/** null for each field that only the previous auth has: a merge patch would keep it. */
const cleared = (before: OutboundAuth | undefined, wanted: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(
    Object.keys(before ?? {})
      .filter(name => !Object.hasOwn(wanted, name))
      .map(name => [name, null]),
  )

const authOf = (wanted: Readonly<Record<string, unknown>>, before: OutboundAuth | undefined) => {
  const kept = before as Readonly<Record<string, unknown>> | undefined
  return Object.fromEntries(
    Object.entries(wanted).map(([name, value]) => {
      if (value !== mask) return [name, value]
      if (kept?.[name] !== undefined) return [name, kept[name]]
      throw new Failure('invalid_request', `/auth/${name} is masked, and there is no such credential to keep.`)
    }),
  )
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const lowerCase = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
