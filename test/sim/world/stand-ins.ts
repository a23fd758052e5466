/** What a simulated process has instead of cryptography, which takes real time in other threads and decides nothing that is simulated. */
import type { RequestListener } from 'node:http'
import type { HttpServer } from '../../../src/service/http-server.ts'
import type { KeyRing } from '../../../src/signing/key-ring.ts'
import type { Sealer } from '../../../src/signing/sealer.ts'

const mark = 'sealed:'

export const plainSealer = (): Sealer => ({
  seal: async text => mark + text,
  open: async sealed => sealed.slice(mark.length),
  isOld: () => false,
})

export const plainKeyRing = async (): Promise<KeyRing> => ({
  jwks: () => ({ keys: [] }),
  sign: async () => 'header..signature',
  keys: () => [],
  currentSince: () => Date.now(),
  refresh: async () => undefined,
  rotate: async () => undefined,
  forgetRetired: async () => 0,
})

/** A port without a socket: `onServe` gets the listener that would get the requests. */
export const portWithoutSocket =
  (onServe: (listener: RequestListener | null) => void) => async (): Promise<HttpServer> => ({
    url: 'http://doorbell.test',
    publicUrl: 'https://doorbell.test',
    serve: onServe,
    stopListening: async () => onServe(null),
    disconnect: () => undefined,
    close: async () => undefined,
  })
