import { goSnippet } from './go.ts'
import { javaSnippet } from './java.ts'
import { nodeSnippet } from './node.ts'
import { pythonSnippet } from './python.ts'
import { rubySnippet } from './ruby.ts'
import type { Snippet } from './snippet.ts'

/**
 * The receivers of examples/receivers in short: each verifies `webhook-jws` with the published keys. `iss` is Doorbell's issuer and `aud` the
 * subscription's id, which the code compares with the signed header.
 */
export const snippetsFor = (iss: string, aud: string): Readonly<Record<string, Snippet>> => ({
  node: nodeSnippet(iss, aud),
  python: pythonSnippet(iss, aud),
  go: goSnippet(iss, aud),
  java: javaSnippet(iss, aud),
  ruby: rubySnippet(iss, aud),
})
