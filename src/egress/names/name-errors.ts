/** The name has no address, or its name servers do not answer: a fault of the endpoint. */
export class Unresolved extends Error {
  readonly code = 'UNRESOLVED'
  /** Whether an answer says so: the name does not exist, or has no address. Otherwise the name servers have failed. */
  readonly denied: boolean

  constructor(message: string, { denied, cause }: { readonly denied: boolean; readonly cause?: unknown }) {
    super(message, { cause })
    this.denied = denied
  }
}

/** The resolver of this process does not answer, so nothing is known about the name. */
export class ResolverAway extends Error {
  readonly code = 'RESOLVER_AWAY'
}

/** Codes of c-ares with which a name server denies an address, or which say that the text cannot be a name. */
const denials: ReadonlySet<unknown> = new Set(['ENOTFOUND', 'ENODATA', 'EBADNAME'])

export const isDenial = (error: unknown): boolean => denials.has((error as NodeJS.ErrnoException | null)?.code)
