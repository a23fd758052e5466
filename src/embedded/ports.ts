import { createServer } from 'node:net'

/** The preferred port of 127.0.0.1 if it is free, else one that the system chooses. */
export const freePort = async (preferred: number): Promise<number> =>
  (await probe(preferred)) ?? (await probe(0)) ?? preferred

const probe = (port: number): Promise<number | null> =>
  new Promise(resolve => {
    const server = createServer()
    server.once('error', () => resolve(null))
    server.listen(port, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : null))
    })
  })
