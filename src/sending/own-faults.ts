import type { Log } from '../../observability/log.ts'
import type { OwnFault } from '../domain/outcome.ts'

const more =
  '`ulimit -n 65536` in the shell, LimitNOFILE=65536 in the systemd unit, `--ulimit nofile=65536` for a container'

/** What happened, and what to do about it. */
const faults: Readonly<Record<OwnFault, readonly [what: string, remedy: string]>> = {
  RESOLVER_AWAY: [
    'the DNS resolver does not answer',
    'query the servers of /etc/resolv.conf, or of DOORBELL_EGRESS_DNS, from this machine',
  ],
  NO_SLOT: [
    'all connections that this process may have are in use, or this tenant’s or endpoint’s share of them is',
    `add workers, or raise the limit of descriptors: ${more}`,
  ],
  EMFILE: ['this process has no file descriptor left', `raise its limit: ${more}`],
  ENFILE: [
    'this machine has no file descriptor left',
    'raise it: `sysctl fs.file-max`; look for a process that leaks them',
  ],
  EADDRNOTAVAIL: [
    'this machine has no local address or port left for a connection',
    'widen `sysctl net.ipv4.ip_local_port_range`, or add workers on other machines',
  ],
  ENOBUFS: ['the kernel has no memory left for sockets', 'free memory on this machine'],
}

const everyMs = 60_000

/** Logs why attempts cannot be made: one line for each reason and minute, with the number of attempts since the line before. */
export const createOwnFaultLog = (log: Pick<Log, 'error'>, now: () => number): ((code: OwnFault) => void) => {
  const seen = new Map<OwnFault, { readonly at: number; count: number }>()
  return code => {
    const last = seen.get(code)
    if (last !== undefined) last.count += 1
    if (last !== undefined && now() - last.at < everyMs) return
    seen.set(code, { at: now(), count: 0 })
    const [what, remedy] = faults[code]
    log.error(
      { code, attempts: last?.count ?? 1, remedy: `${remedy}; the deliveries wait and use up no attempt` },
      what,
    )
  }
}
