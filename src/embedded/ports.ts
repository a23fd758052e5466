import { createServer } from 'node:net'

/** Finds a free port of 127.0.0.1: the preferred one, or else one that the system chooses. */
export const freePort = async (preferred: number): Promise<number> =>
  (await probe(preferred)) ?? (await probe(0)) ?? preferred

/** Of a few processes that start at the same instant, each finds a port of its own by then. */
const maxAttempts = 5

/** Starts a server on a free port, and again on another one for as long as that port was taken between the check and the start. */
export const onFreePort = async <T>(preferred: number, start: (port: number) => Promise<T>): Promise<T> => {
  let port = await freePort(preferred)
  for (let attempt = 1; ; attempt += 1)
    try {
      return await start(port)
    } catch (error) {
      if (attempt === maxAttempts || (await probe(port)) !== null) throw error
      port = await freePort(0)
    }
}

const probe = (port: number): Promise<number | null> =>
  new Promise(resolve => {
    const server = createServer()
    server.once('error', () => resolve(null))
    server.listen(port, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : null))
    })
  })
