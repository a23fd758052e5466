import { getCACertificates } from 'node:tls'
import type { buildConnector, Pool } from 'undici'

/** How long a connection may take, unless a test says otherwise. */
export const defaultConnectTimeoutMs = 3_000

/** How requests use connections. */
export const poolOptions = {
  // One socket for each attempt under way: the supervisors limit the attempts, and no attempt waits for the socket of another.
  connections: null,
  pipelining: 1,
  // HTTP/2 would share a connection, but limits and timeouts are per socket.
  allowH2: false,
  keepAliveTimeout: 20_000,
  keepAliveMaxTimeout: 60_000,
  // Each exchange has its own timeout.
  headersTimeout: 0,
  bodyTimeout: 0,
  maxHeaderSize: 16 * 1024,
} as const satisfies Pool.Options

/** How a connection is made. `ca` is the PEM of private authorities, beside the public ones. */
export const connectOptions = (connectTimeoutMs: number, ca: string | null) =>
  ({
    timeout: connectTimeoutMs,
    maxCachedSessions: 100,
    minVersion: 'TLSv1.2',
    ...(ca === null ? {} : { ca: [...getCACertificates('default'), ca] }),
    allowH2: false,
    autoSelectFamily: true,
    // Node's default of 250 ms would give up on distant addresses. A third of the connect timeout allows two dead addresses before a good one.
    autoSelectFamilyAttemptTimeout: Math.ceil(connectTimeoutMs / 3),
  }) as const satisfies buildConnector.BuildOptions
