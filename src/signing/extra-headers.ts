import { extraHeaders, type RequestExtras } from '../domain/credentials.ts'
import type { Subscription } from '../domain/subscription.ts'
import { createOpened } from './opened.ts'

const none: Readonly<Record<string, string>> = {}

/** Creates a function that returns a subscription's own headers and auth, decrypted once. */
export const createExtraHeaders = (open: (sealed: string) => Promise<string>) => {
  const headersOf = createOpened(open, text => extraHeaders(JSON.parse(text) as RequestExtras))
  return async ({ sealedExtras }: Subscription): Promise<Readonly<Record<string, string>>> =>
    sealedExtras === undefined ? none : headersOf(sealedExtras)
}
